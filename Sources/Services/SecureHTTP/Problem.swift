package import CanonicalBytes
internal import Foundation
package import Hummingbird

/// A refusal as RFC 9457 describes it, with a stable `code`.
///
/// The detail is for people; it never holds secrets or patient data.
package struct Problem: HTTPResponseError, Sendable, Hashable, CustomStringConvertible {
    package let status: HTTPResponse.Status
    package let code: String
    package let detail: String
    /// Sent with the response, for example `Retry-After`.
    package var headers: HTTPFields

    /// - Parameters:
    ///   - status: 400 or higher.
    ///   - code: stable, for programs: lower-case words with hyphens, or an error code of the specification.
    ///   - detail: one sentence that says what to do.
    package init(_ status: HTTPResponse.Status, code: String, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = [:]
    }

    /// A request that the specification's rules refuse: 422 with the specification's code.
    package init(_ failure: ProtocolFailure) {
        self.init(.unprocessableContent, code: failure.code.rawValue, detail: failure.detail)
    }

    package var description: String { "\(self.status.code) \(self.code): \(self.detail)" }

    package func response(from request: Request, context: some RequestContext) -> Response { self.response }

    /// The response that carries this problem.
    package var response: Response {
        var headers = self.headers
        headers[.contentType] = "application/problem+json"
        // A refused upload may still be under way; the connection cannot be used for another request.
        if self.status == .contentTooLarge || self.status == .requestTimeout { headers[.connection] = "close" }
        return Response(status: self.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: self.json)))
    }

    private var json: [UInt8] {
        let members: [String: Any] = [
            "type": "urn:wardline:problem:\(self.code)", "title": self.status.reasonPhrase,
            "status": self.status.code, "code": self.code, "detail": self.detail,
        ]
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        return (try? JSONSerialization.data(withJSONObject: members, options: options)).map(Array.init) ?? []
    }
}
