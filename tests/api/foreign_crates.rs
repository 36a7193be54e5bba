//! Which foreign crates the library's public signatures name. A crate more is a promise more: it
//! cannot change its major version without this library doing so.
//!
//! It reads the sources and what is generated. What macros define (enums, texts) it does not see; those
//! implement traits of std and serde only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{ImplItem, Item, UseTree, Visibility};

/// `serde` stands here for the traits that the types implement; all else is types.
const ALLOWED: &[&str] = &[
    "chrono",
    "futures_core",
    "http",
    "reqwest behind reqwest-client",
    "secrecy",
    "serde",
    "serde_json",
    "std",
];

/// Collects the crates that types and bounds name.
struct Names<'a> {
    imports: &'a BTreeMap<String, String>,
    modules: &'a BTreeSet<String>,
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments[0].ident.to_string();
        let of = if path.leading_colon.is_some() {
            first
        } else if let Some(imported) = self.imports.get(&first) {
            let own = self.modules.contains(imported);
            if own {
                "crate".to_owned()
            } else {
                imported.clone()
            }
        } else if path.segments.len() > 1
            && first.starts_with(|c: char| c.is_lowercase())
            && !self.modules.contains(&first)
        {
            first
        } else {
            // Defined here, generic, or of the prelude.
            "crate".to_owned()
        };
        self.found.insert(of);
        visit::visit_path(self, path);
    }

    // Bodies and attributes promise nothing.
    fn visit_block(&mut self, _: &'ast syn::Block) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
}

fn imports(tree: &UseTree, first: Option<&str>, into: &mut BTreeMap<String, String>) {
    match tree {
        UseTree::Path(path) => {
            let ident = path.ident.to_string();
            imports(&path.tree, Some(first.unwrap_or(&ident)), into);
        }
        UseTree::Name(name) => {
            let ident = name.ident.to_string();
            into.insert(ident.clone(), first.unwrap_or(&ident).to_owned());
        }
        UseTree::Rename(rename) => {
            let ident = rename.ident.to_string();
            into.insert(
                rename.rename.to_string(),
                first.unwrap_or(&ident).to_owned(),
            );
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                imports(tree, first, into);
            }
        }
        UseTree::Glob(_) => {}
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Whether it is generated, or one of these.
fn is_private(kind: &syn::Type, private: &BTreeSet<String>) -> bool {
    let syn::Type::Path(kind) = kind else {
        return false;
    };
    let name = kind.path.segments[0].ident.to_string();
    name == "generated" || private.contains(&name)
}

/// Whether it is there with the feature `reqwest-client` only.
fn is_gated(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        list.path.is_ident("cfg") && list.tokens.to_string() == r#"feature = "reqwest-client""#
    })
}

/// The crates that the public items among these name.
fn crates(items: &[Item], found: &mut BTreeSet<String>) {
    let mut imported = BTreeMap::new();
    let mut modules: BTreeSet<String> = ["crate", "self", "super", "kallyai_sdk", "types"]
        .map(str::to_owned)
        .into();
    for item in items {
        match item {
            Item::Use(item) => imports(&item.tree, None, &mut imported),
            Item::Mod(item) => {
                modules.insert(item.ident.to_string());
            }
            _ => {}
        }
    }
    let private = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) if !is_public(&item.vis) => Some(item.ident.to_string()),
            Item::Enum(item) if !is_public(&item.vis) => Some(item.ident.to_string()),
            _ => None,
        })
        .collect();
    let mut names = Names {
        imports: &imported,
        modules: &modules,
        found: BTreeSet::new(),
    };
    for item in items {
        match item {
            Item::Struct(item) if is_public(&item.vis) => {
                names.visit_generics(&item.generics);
                for field in item.fields.iter().filter(|field| is_public(&field.vis)) {
                    names.visit_type(&field.ty);
                }
            }
            Item::Enum(item) if is_public(&item.vis) => names.visit_item_enum(item),
            Item::Type(item) if is_public(&item.vis) => names.visit_type(&item.ty),
            Item::Fn(item) if is_public(&item.vis) => names.visit_signature(&item.sig),
            Item::Static(item) if is_public(&item.vis) => names.visit_type(&item.ty),
            Item::Use(item) if is_public(&item.vis) => {
                let mut exported = BTreeMap::new();
                imports(&item.tree, None, &mut exported);
                let foreign = exported
                    .into_values()
                    .filter(|name| !modules.contains(name));
                names.found.extend(foreign);
            }
            Item::Trait(item) if is_public(&item.vis) => names.visit_item_trait(item),
            Item::Const(item) if is_public(&item.vis) => names.visit_type(&item.ty),
            // What is implemented for a private type is private.
            Item::Impl(item) if is_private(&item.self_ty, &private) => {}
            Item::Impl(item) => {
                // A trait's arguments (`From<T>`) and associated types are part of the interface.
                if let Some((path, _)) = &item.trait_ {
                    names.visit_path(path);
                }
                names.visit_generics(&item.generics);
                for inner in &item.items {
                    match inner {
                        ImplItem::Const(constant) if is_public(&constant.vis) => {
                            names.visit_type(&constant.ty);
                        }
                        ImplItem::Fn(method) if is_public(&method.vis) => {
                            if !is_gated(&method.attrs) {
                                names.visit_signature(&method.sig);
                                continue;
                            }
                            let others = std::mem::take(&mut names.found);
                            names.visit_signature(&method.sig);
                            names.found.remove("crate");
                            let gated = std::mem::replace(&mut names.found, others);
                            let gated = gated
                                .into_iter()
                                .map(|name| format!("{name} behind reqwest-client"));
                            names.found.extend(gated);
                        }
                        ImplItem::Type(kind) => names.visit_type(&kind.ty),
                        _ => {}
                    }
                }
            }
            Item::Mod(module) if is_public(&module.vis) => {
                if let Some((_, items)) = &module.content {
                    crates(items, found);
                }
            }
            _ => {}
        }
    }
    found.append(&mut names.found);
}

fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.file_name().is_some_and(|name| name == "fuzzing.rs") {
            // Doors for the fuzz targets: no other build has them.
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn foreign_crates_in_the_public_api() {
    let mut texts = vec![
        include_str!(concat!(env!("OUT_DIR"), "/handles.rs")).to_owned(),
        include_str!(concat!(env!("OUT_DIR"), "/operations.rs")).to_owned(),
    ];
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../kallyai-sdk/src"),
        &mut texts,
    );
    let mut found = BTreeSet::new();
    for text in &texts {
        crates(&syn::parse_file(text).unwrap().items, &mut found);
    }
    // Of what progenitor wrote, the types are public.
    let client = syn::parse_file(include_str!(concat!(env!("OUT_DIR"), "/client.rs"))).unwrap();
    for item in client.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
        {
            crates(&module.content.unwrap().1, &mut found);
        }
    }
    for own in [
        "crate",
        "self",
        "super",
        "kallyai_sdk",
        "kallyai_sdk_derive",
    ] {
        found.remove(own);
    }
    let expected: BTreeSet<String> = ALLOWED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_collector_sees_what_it_should() {
    let file = syn::parse_file(
        "use reqwest::Client as Http; use url::Url; pub fn f(c: &Http) -> Option<::bytes::Bytes> {}
         pub struct S { pub a: hyper::Body, b: Url } fn private(x: oauth2::X) {}
         impl From<openssl::Error> for S { fn from(e: openssl::Error) -> S {} }
         pub trait T: a_crate::Super { type A: b_crate::Bound; fn f(x: c_crate::X); }
         pub const C: d_crate::C = 1; impl<G: e_crate::G> S { pub const I: f_crate::I = 1; }
         pub(crate) struct P; impl oauth2::T for P { type A = oauth2::A; }
         impl g_crate::T for &P {}
         impl S { #[cfg(feature = \"reqwest-client\")] pub fn g(a: h_crate::A) {}
                  #[cfg(feature = \"other\")] pub fn h(a: i_crate::A) {} }",
    )
    .unwrap();
    let mut found = BTreeSet::new();
    crates(&file.items, &mut found);
    found.remove("crate");
    let expected = [
        "a_crate",
        "b_crate",
        "bytes",
        "c_crate",
        "d_crate",
        "e_crate",
        "f_crate",
        "g_crate",
        "h_crate behind reqwest-client",
        "hyper",
        "i_crate",
        "openssl",
        "reqwest",
    ]
    .map(str::to_owned);
    assert_eq!(found, expected.into());
}
