internal import CQREncode

/// A QR code (ISO/IEC 18004) of a text, made by libqrencode.
package struct QRCode: Sendable, Hashable {
    /// Light modules around the code that readers need.
    private static let quietZone = 4

    /// Row by row; true is dark.
    package let modules: [[Bool]]

    /// Encodes text as bytes, with correction of about a quarter of the code.
    ///
    /// - Returns: nil for text that no code holds.
    package init?(_ text: String) {
        // Version 0: the smallest that holds it.
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data else { return nil }
        self.modules = (0..<width).map { row in (0..<width).map { data[row * width + $0] & 1 == 1 } }
    }

    /// With the light modules around it.
    private var framed: [[Bool]] {
        let width = self.modules.count + 2 * Self.quietZone
        let light = [[Bool]](repeating: [Bool](repeating: false, count: width), count: Self.quietZone)
        let side = [Bool](repeating: false, count: Self.quietZone)
        return light + self.modules.map { side + $0 + side } + light
    }

    /// For a terminal: two rows of modules to a line, light ones drawn, as terminals are dark.
    package var terminal: String {
        let rows = self.framed
        return stride(from: 0, to: rows.count, by: 2).map { top in
            rows[top].indices.map { column in
                let lower = top + 1 < rows.count ? rows[top + 1][column] : false
                switch (rows[top][column], lower) {
                case (false, false): return "█"
                case (false, true): return "▀"
                case (true, false): return "▄"
                case (true, true): return " "
                }
            }.joined()
        }.joined(separator: "\n") + "\n"
    }

    /// For a printer: a picture of 80 mm with lines of text below it.
    ///
    /// - Parameter lines: plain text.
    /// - Returns: a document.
    package func svg(_ lines: [String]) -> String {
        let rows = self.framed
        let width = rows.count
        var path = ""
        for (row, modules) in rows.enumerated() {
            for (column, isDark) in modules.enumerated() where isDark { path += "M\(column) \(row)h1v1h-1z" }
        }
        let lineHeight = 4
        let height = width + lineHeight * (lines.count + 1)
        let texts = lines.enumerated().map { number, line in
            "<text x=\"\(Self.quietZone)\" y=\"\(width + lineHeight * (number + 1))\" font-family=\"sans-serif\" "
                + "font-size=\"3\">\(Self.escaped(line))</text>"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="80mm" viewBox="0 0 \(width) \(height)">
            <rect width="100%" height="100%" fill="white"/><path d="\(path)"/>
            \(texts.joined(separator: "\n"))
            </svg>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
