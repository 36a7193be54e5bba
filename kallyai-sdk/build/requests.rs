//! What is left of the methods that progenitor wrote: they write a request. Sending it and reading the
//! answer are the library's.

use std::error::Error;

use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItem, ImplItemFn, Item, Pat, Stmt};

/// Cuts each method off where its request is built, and leaves nothing to wait for.
pub(crate) fn keep_writing(client: &mut syn::File) -> Result<(), Box<dyn Error>> {
    for item in &mut client.items {
        let Item::Impl(item) = item else { continue };
        if item.trait_.is_some() {
            continue;
        }
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item
                && method.sig.asyncness.take().is_some()
            {
                cut(method)?;
            }
        }
    }
    Ok(())
}

fn cut(method: &mut ImplItemFn) -> Result<(), Box<dyn Error>> {
    let statements = &mut method.block.stmts;
    let built = statements
        .iter()
        .position(|statement| declares(statement, "request"))
        .ok_or_else(|| format!("{} builds no request", method.sig.ident))?;
    statements.truncate(built + 1);
    // The generator adds its version of the API to every request; the service has no such header.
    let version = statements
        .iter()
        .position(|statement| mentions(statement, "api-version"))
        .ok_or_else(|| format!("{} adds its version elsewhere", method.sig.ident))?;
    statements.remove(version);
    let has_headers = statements
        .iter()
        .any(|statement| matches!(statement, Stmt::Expr(..)) && mentions(statement, "header_map"));
    if !has_headers {
        statements.retain(|statement| !declares(statement, "header_map"));
        for statement in statements.iter_mut() {
            NoHeaders.visit_stmt_mut(statement);
        }
    }
    statements.push(Stmt::Expr(syn::parse2(quote!(Ok(request)))?, None));
    method.sig.output = syn::parse2(quote!(-> Result<::reqwest::Request, Error<()>>))?;
    Ok(())
}

fn declares(statement: &Stmt, name: &str) -> bool {
    matches!(statement, Stmt::Local(local) if matches!(&local.pat, Pat::Ident(pattern) if pattern.ident == name))
}

fn mentions(statement: &Stmt, text: &str) -> bool {
    statement.to_token_stream().to_string().contains(text)
}

/// Takes the call of `headers` out of a chain.
struct NoHeaders;

impl VisitMut for NoHeaders {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && call.method == "headers"
        {
            let before = (*call.receiver).clone();
            *expression = before;
        }
    }
}
