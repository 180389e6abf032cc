internal import HTTPTypes
internal import Hummingbird

/// What every answer says about itself.
package enum SecurityHeaders {
    /// Nothing but what this server sends itself: no inline script or style, no evaluation, no frames, no other origin
    /// (Content Security Policy Level 3).
    package static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    static func add(to response: inout Response) {
        for (name, value) in Self.fields {
            guard let name = HTTPField.Name(name) else { continue }
            response.headers[name] = value
        }
    }

    static let fields: [(String, String)] = [
        ("Content-Security-Policy", Self.contentSecurityPolicy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        // With no-referrer browsers would hide the origin of forms, by which foreign ones are told.
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
}
