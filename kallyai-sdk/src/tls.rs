//! TLS, by feature: rustls with ring (`rustls`, the default), rustls with the process's own provider
//! (`rustls-no-provider`), or the system's (`native-tls`).

use crate::base_url::BaseUrl;
use crate::error::Error;

/// Gives the HTTP client the TLS that the features name.
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub(crate) fn configure(
    builder: reqwest::ClientBuilder,
    base_url: &BaseUrl,
) -> Result<reqwest::ClientBuilder, Error> {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls::crypto::CryptoProvider;
    use rustls_platform_verifier::Verifier;

    let refuse = |why: &str| Error::invalid_input("tls", why);
    // What the program has chosen for itself comes first.
    let provider: Arc<CryptoProvider> = match CryptoProvider::get_default() {
        Some(provider) => Arc::clone(provider),
        #[cfg(feature = "rustls")]
        None => Arc::new(rustls::crypto::ring::default_provider()),
        #[cfg(not(feature = "rustls"))]
        None => {
            return Err(refuse(
                "no crypto provider: call CryptoProvider::install_default() before the client is \
                 built, or use the feature rustls",
            ));
        }
    };
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| refuse("the crypto provider knows none of the TLS versions"))?;
    let mut config = if base_url.is_https() {
        let verifier = Verifier::new(provider)
            .map_err(|_| refuse("the system's certificates cannot be read"))?;
        config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    } else {
        // Loopback without TLS: reading the system's certificates would be for nothing.
        config
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

/// Gives the HTTP client the system's TLS.
#[cfg(all(
    feature = "native-tls",
    not(any(feature = "rustls", feature = "rustls-no-provider"))
))]
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn configure(
    builder: reqwest::ClientBuilder,
    base_url: &BaseUrl,
) -> Result<reqwest::ClientBuilder, Error> {
    Ok(if base_url.is_https() {
        builder.tls_backend_native()
    } else {
        builder
    })
}

/// Without TLS only loopback can be reached.
#[cfg(not(any(
    feature = "native-tls",
    feature = "rustls",
    feature = "rustls-no-provider"
)))]
pub(crate) fn configure(
    builder: reqwest::ClientBuilder,
    base_url: &BaseUrl,
) -> Result<reqwest::ClientBuilder, Error> {
    if base_url.is_https() {
        return Err(Error::invalid_input(
            "base_url",
            "https needs one of the features rustls, native-tls or rustls-no-provider",
        ));
    }
    Ok(builder)
}
