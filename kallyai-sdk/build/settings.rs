//! How progenitor is asked to generate, for the library and for the tests' mocks alike.

use kallyai_openapi::{DecodingCopy, SCALARS};
use progenitor::{GenerationSettings, InterfaceStyle, TypeImpl, TypePatch};

/// Settings for a copy of the spec: scalars and enums are replaced by the library's own types, and
/// answers can grow.
pub(crate) fn settings(copy: &DecodingCopy) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_map_type("::std::collections::BTreeMap");
    let enums = copy.enums.iter().map(|(name, ..)| name.as_str());
    for name in enums.chain(SCALARS.iter().copied()) {
        settings.with_replacement(
            name,
            format!("::kallyai_sdk::types::{name}"),
            [TypeImpl::Display, TypeImpl::FromStr].into_iter(),
        );
    }
    for name in &copy.answers {
        settings.with_patch(name, TypePatch::default().with_attr("#[non_exhaustive]"));
    }
    settings
}
