//! Trust between a desk and a server of the metropolis: what can be missing, as codes that the interface has texts for.

crate::table::codes! {
    /// Why a desk and a server do not trust each other.
    TlsTrouble {
        /// The server's certificate comes from an authority that this machine does not know.
        UnknownAuthority = "tls_unknown_authority",
        /// The certificate is for another name than the one in the address.
        WrongName = "tls_wrong_name",
        /// The server's certificate is over, or not begun.
        Expired = "tls_expired",
        /// A server elsewhere that offers no TLS, or an address that asks for none.
        Plain = "tls_plain",
        /// The password would reach a server that has not proved who it is.
        Unproved = "tls_unproved",
        /// The server does not accept this desk's certificate.
        ClientRefused = "tls_client_refused",
        /// A file of certificates or its key cannot be used.
        Files = "tls_files",
        /// Anything else that TLS says.
        Failed = "tls_failed",
    }
}

impl TlsTrouble {
    /// Whether another server of the metropolis, or the same one once it was mended, may do as things stand here.
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::Unproved | Self::ClientRefused | Self::Files)
    }
}
