/// A piece of a page: text, or an element with attributes and content.
///
/// Everything that comes from outside enters as ``text(_:)`` or as an attribute's value, and both are escaped when they are
/// written; there is no way to put markup in as text.
package indirect enum HTMLNode: Sendable, Equatable {
    case text(String)
    case element(HTMLTag, [HTMLAttribute], [HTMLNode])
}

/// The name of an element; only those of this list can be written.
package struct HTMLTag: Sendable, Equatable {
    let name: String
    /// Whether it has neither content nor an end tag (HTML Living Standard §13.1.2).
    let isVoid: Bool

    private init(_ name: StaticString, isVoid: Bool = false) {
        self.name = "\(name)"
        self.isVoid = isVoid
    }

    /// An element of this name.
    package func callAsFunction(
        _ attributes: HTMLAttribute...,
        @HTMLBuilder content: () -> [HTMLNode] = { [] }
    ) -> HTMLNode {
        .element(self, attributes, content())
    }

    /// As above with attributes that were made before.
    package func with(_ attributes: [HTMLAttribute], @HTMLBuilder content: () -> [HTMLNode] = { [] }) -> HTMLNode {
        .element(self, attributes, content())
    }

    package static let a = Self("a")
    package static let article = Self("article")
    package static let body = Self("body")
    package static let button = Self("button")
    package static let caption = Self("caption")
    package static let code = Self("code")
    package static let dd = Self("dd")
    package static let details = Self("details")
    package static let div = Self("div")
    package static let dl = Self("dl")
    package static let dt = Self("dt")
    package static let footer = Self("footer")
    package static let form = Self("form")
    package static let h1 = Self("h1")
    package static let h2 = Self("h2")
    package static let h3 = Self("h3")
    package static let head = Self("head")
    package static let header = Self("header")
    package static let html = Self("html")
    package static let input = Self("input", isVoid: true)
    package static let label = Self("label")
    package static let li = Self("li")
    package static let link = Self("link", isVoid: true)
    package static let main = Self("main")
    package static let meta = Self("meta", isVoid: true)
    package static let nav = Self("nav")
    package static let ol = Self("ol")
    package static let p = Self("p")
    package static let path = Self("path")
    package static let pre = Self("pre")
    package static let script = Self("script")
    package static let section = Self("section")
    package static let span = Self("span")
    package static let strong = Self("strong")
    package static let summary = Self("summary")
    package static let svg = Self("svg")
    package static let table = Self("table")
    package static let tbody = Self("tbody")
    package static let td = Self("td")
    package static let th = Self("th")
    package static let thead = Self("thead")
    package static let time = Self("time")
    package static let title = Self("title")
    package static let tr = Self("tr")
    package static let ul = Self("ul")
}

/// An attribute; its name is a literal of this program.
package struct HTMLAttribute: Sendable, Equatable {
    let name: String
    let value: String

    package init(_ name: StaticString, _ value: String) {
        self.name = "\(name)"
        self.value = value
    }

    package static func `class`(_ names: String) -> Self { Self("class", names) }
    package static func id(_ name: String) -> Self { Self("id", name) }
    package static func aria(_ label: String) -> Self { Self("aria-label", label) }
    /// A path of this server; what a path cannot hold is percent-encoded.
    package static func href(_ path: String) -> Self { Self("href", LocalPath.encoded(path)) }
    /// Where a form is sent: a path of this server.
    package static func action(_ path: String) -> Self { Self("action", LocalPath.encoded(path)) }
    /// Marks an element whose content is kept up to date; see ``LiveRegions``.
    package static func live(_ key: String) -> Self { Self(LiveRegions.attribute, key) }
    /// For an element that scrolls: it must be reachable by keyboard (WCAG 2.1.1).
    package static let scrolls = Self("tabindex", "0")
    /// A column's head.
    package static let column = Self("scope", "col")
    /// A row's head.
    package static let row = Self("scope", "row")
}

/// Paths of this server.
package enum LocalPath {
    /// Starts with one slash, so that it can name no other host; all but unreserved characters (RFC 3986 §2.3) and `/#` are
    /// percent-encoded.
    static func encoded(_ path: String) -> String {
        var out = "/"
        for byte in path.utf8.drop(while: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E, 0x2F, 0x23].contains(byte)
            if isPlain {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return out
    }
}

/// Makes lists of nodes out of blocks of statements.
@resultBuilder
package enum HTMLBuilder {
    package static func buildExpression(_ node: HTMLNode) -> [HTMLNode] { [node] }
    package static func buildExpression(_ nodes: [HTMLNode]) -> [HTMLNode] { nodes }
    package static func buildExpression(_ text: String) -> [HTMLNode] { [.text(text)] }
    package static func buildBlock(_ parts: [HTMLNode]...) -> [HTMLNode] { parts.flatMap { $0 } }
    package static func buildOptional(_ part: [HTMLNode]?) -> [HTMLNode] { part ?? [] }
    package static func buildEither(first part: [HTMLNode]) -> [HTMLNode] { part }
    package static func buildEither(second part: [HTMLNode]) -> [HTMLNode] { part }
    package static func buildArray(_ parts: [[HTMLNode]]) -> [HTMLNode] { parts.flatMap { $0 } }
}
