internal import CanonicalBytes
internal import Hummingbird
internal import Records
internal import SecureHTTP

/// A file that pages name: part of the program, nothing is loaded from elsewhere.
struct DashboardAsset: Sendable {
    let name: String
    let type: String
    let content: String

    static let stylesheet = Self(name: "dashboard.css", type: "text/css; charset=utf-8", content: Stylesheet.text)
    static let script = Self(name: "dashboard.js", type: "text/javascript; charset=utf-8", content: Script.text)
    static let icon = Self(name: "icon.svg", type: "image/svg+xml", content: Icon.text)
    static let all = [Self.stylesheet, Self.script, Self.icon]

    /// With a digest of the content, so that a browser may keep it for good.
    var path: String {
        let digest = Array(Digest.sha256(of: Array(self.content.utf8)).bytes.prefix(8)).hex
        return "/assets/\(digest)/\(self.name)"
    }

    var response: Response {
        var response = Response.bytes(Array(self.content.utf8), type: self.type)
        response.headers[.cacheControl] = "public, max-age=31536000, immutable"
        return response
    }
}
