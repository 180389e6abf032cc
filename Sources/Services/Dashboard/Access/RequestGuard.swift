internal import HTTPTypes
internal import Hummingbird
internal import SecureHTTP

/// What a request that changes something must show: that a page of this server sent it.
enum RequestGuard {
    /// Refuses what another site's page sent: by the browser's own word (Fetch Metadata), or by the origin (RFC 6454).
    ///
    /// - Throws: ``Problem`` 403.
    static func requireSameOrigin(_ request: Request) throws {
        if let site = request.headers[.secFetchSite], site != "same-origin" { throw Self.foreign }
        let origin = request.headers[.origin]
        // Browsers name an origin with every POST; a program that is no browser has nobody's cookies.
        guard let origin, let authority = request.head.authority, origin == "https://\(authority)" else {
            throw Self.foreign
        }
    }

    /// Refuses a form without the session's own secret.
    ///
    /// - Throws: ``Problem`` 403.
    static func requireFormToken(_ fields: FormFields, of session: DashboardSession) throws {
        guard let token = fields["form_token"], Secrets.areEqual(token, session.formToken) else { throw Self.foreign }
    }

    private static var foreign: Problem {
        Problem(
            .forbidden,
            code: "foreign-request",
            detail: "the request did not come from a page of this dashboard; load the page again"
        )
    }
}

extension HTTPField.Name {
    fileprivate static var secFetchSite: Self { Self("Sec-Fetch-Site") ?? .origin }
}
