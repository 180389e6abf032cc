/// An expression of a template, ready to be written in the profile language.
indirect enum TemplateExpression: Equatable {
    enum Piece: Equatable {
        case text(String)
        case part(TemplateExpression)
    }

    case path(TemplatePath)
    /// A call or an operation, as the profile language writes it.
    case form([Piece])
    /// A number of seconds or milliseconds since 1970.
    case unixTime(TemplateExpression, format: String)

    /// Reads an expression in its language.
    static func read(_ phrase: DeviceTemplate.Phrase) throws(TemplatePathParser.Failure) -> TemplateExpression {
        if phrase.isJMESPath { return try JMESPathParser.expression(phrase.text) }
        return .path(try TemplatePathParser.path(phrase.text))
    }

    /// The text in the profile language.
    ///
    /// - Parameter path: writes a path as an expression.
    /// - Returns: an expression.
    func text(_ path: (TemplatePath) -> String) -> String {
        switch self {
        case .path(let value): path(value)
        case .unixTime(let inner, _): inner.text(path)
        case .form(let pieces):
            pieces.map { piece in
                switch piece {
                case .text(let text): text
                case .part(let part): part.text(path)
                }
            }.joined()
        }
    }

    /// Bytes of its text about, each part as often as it is written.
    var writtenBytes: Int {
        switch self {
        case .path(let path): path.text(from: "$").utf8.count
        case .unixTime(let inner, _): inner.writtenBytes
        case .form(let pieces):
            pieces.reduce(0) { count, piece in
                switch piece {
                case .text(let text): count + text.utf8.count
                case .part(let part): count + part.writtenBytes
                }
            }
        }
    }

    /// The path, when the expression is nothing else.
    var asPath: TemplatePath? { if case .path(let path) = self { path } else { nil } }
}
