extension HTMLNode {
    /// The node as it is sent; all texts and values are escaped.
    package var html: String {
        var out = ""
        self.write(to: &out)
        return out
    }

    func write(to out: inout String) {
        switch self {
        case .text(let text): HTMLText.write(text, to: &out)
        case .element(let tag, let attributes, let content):
            out += "<\(tag.name)"
            for attribute in attributes {
                out += " \(attribute.name)=\""
                HTMLText.write(attribute.value, to: &out)
                out += "\""
            }
            out += ">"
            guard !tag.isVoid else { return }
            for node in content { node.write(to: &out) }
            out += "</\(tag.name)>"
        }
    }
}

extension [HTMLNode] {
    /// One after the other.
    package var html: String {
        var out = ""
        for node in self { node.write(to: &out) }
        return out
    }
}

/// Texts in HTML.
enum HTMLText {
    /// Appends a text so that it is nothing but text, in content as in a quoted attribute.
    ///
    /// Control characters but line feed and tab become U+FFFD: HTML cannot hold them.
    static func write(_ text: String, to out: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\n", "\t": out.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": out += "\u{FFFD}"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}
