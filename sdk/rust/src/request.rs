//! What a validator is asked about.

use crate::abi;
use std::marker::PhantomData;

/// One request to judge. What it lends lives as long as the call.
pub struct TokenRequest<'call> {
    raw: &'call abi::TokenRequest,
    _call: PhantomData<&'call ()>,
}

/// The bytes of a view; null stands for none.
///
/// # Safety
/// The view must be good for `'a`.
pub(crate) unsafe fn bytes<'a>(text: abi::Str) -> &'a [u8] {
    if text.size == 0 || text.data.is_null() {
        return &[];
    }
    std::slice::from_raw_parts(text.data.cast(), text.size)
}

/// The same as text; "" when it is no UTF-8, which the host does not send.
pub(crate) unsafe fn text<'a>(text: abi::Str) -> &'a str {
    std::str::from_utf8(bytes(text)).unwrap_or("")
}

pub(crate) fn view(text: &str) -> abi::Str {
    abi::Str { data: text.as_ptr().cast(), size: text.len() }
}

impl<'call> TokenRequest<'call> {
    pub(crate) fn new(raw: &'call abi::TokenRequest) -> Self {
        TokenRequest { raw, _call: PhantomData }
    }

    /// The credential, as it was sent.
    pub fn token(&self) -> &'call [u8] {
        unsafe { bytes(self.raw.token) }
    }

    /// The scheme, as it was sent, e.g. "Bearer".
    pub fn scheme(&self) -> &'call str {
        unsafe { text(self.raw.scheme) }
    }

    /// The HTTP method.
    pub fn method(&self) -> &'call str {
        unsafe { text(self.raw.method) }
    }

    /// The canonical URL of the resource, from the settings.
    pub fn url(&self) -> &'call str {
        unsafe { text(self.raw.url) }
    }

    /// The caller's address without a port.
    pub fn peer(&self) -> &'call str {
        unsafe { text(self.raw.peer) }
    }

    /// DER of the TLS client certificate, or empty.
    pub fn certificate(&self) -> &'call [u8] {
        unsafe { bytes(self.raw.certificate) }
    }

    /// SHA-256 of the token.
    pub fn token_sha256(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        digest.copy_from_slice(unsafe { std::slice::from_raw_parts(self.raw.token_sha256, 32) });
        digest
    }

    /// The value of the first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&'call [u8]> {
        let fields: &[abi::Field] = match self.raw.field_count {
            0 => &[],
            count => unsafe { std::slice::from_raw_parts(self.raw.fields, count) },
        };
        let same = |field: &&abi::Field| unsafe { bytes(field.name) }.eq_ignore_ascii_case(name.as_bytes());
        fields.iter().find(same).map(|field| unsafe { bytes(field.value) })
    }
}
