import Testing

@testable import Dashboard

@Suite("What is written into pages")
struct HTMLTests {
    @Test(
        "texts and attributes cannot leave their place",
        arguments: [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("' or '", "&#39; or &#39;"),
            ("a & b &amp; c", "a &amp; b &amp;amp; c"),
            ("nul \u{0} escape \u{1B}[2J", "nul \u{FFFD} escape \u{FFFD}[2J"),
            ("Zürich 36.6 °C\n", "Zürich 36.6 °C\n"),
        ]
    )
    func escaping(_ text: String, _ written: String) {
        let node = HTMLTag.p(.class(text)) { text }
        #expect(node.html == "<p class=\"\(written)\">\(written)</p>")
    }

    @Test("void elements have no end tag, and empty ones have")
    func void() {
        #expect(HTMLTag.input(HTMLAttribute("name", "a")).html == "<input name=\"a\">")
        #expect(HTMLTag.span(.class("b")).html == "<span class=\"b\"></span>")
    }

    @Test(
        "links stay on this server",
        arguments: [
            ("/ward", "/ward"), ("//evil.example/x", "/evil.example/x"),
            ("https://evil.example", "/https%3A//evil.example"),
            ("javascript:alert(1)", "/javascript%3Aalert%281%29"), ("\\\\evil", "/evil"),
            ("/beds/ä\"", "/beds/%C3%A4%22"),
        ]
    )
    func links(_ path: String, _ written: String) {
        #expect(HTMLTag.a(.href(path)).html == "<a href=\"\(written)\"></a>")
    }

    @Test(
        "forms are read as browsers send them",
        arguments: [
            ("a=1&b=two+words&a=3", ["a": "1", "b": "two words"]), ("token=%C3%A4%2B", ["token": "ä+"]),
            ("empty=&bare", ["empty": "", "bare": ""]), ("", [:]),
        ]
    )
    func forms(_ body: String, _ values: [String: String]) throws {
        let fields = try #require(FormFields(Array(body.utf8)))
        for (name, value) in values { #expect(fields[name] == value) }
        #expect(fields["absent"] == nil)
    }

    /// As the standard writes forms, each byte that is not a letter, digit or one of `*-._` escaped.
    private static func written(_ pairs: [(String, String)]) -> [UInt8] {
        func escaped(_ text: String) -> String {
            text.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    String(UnicodeScalar(byte))
                case UInt8(ascii: " "): "+"
                default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
            }.joined()
        }
        return Array(pairs.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&").utf8)
    }

    /// Three bytes of a damaged form become one at most, so that nothing grows, and what is read is read again.
    @Test("damaged forms are refused or keep what they say", arguments: 1...4 as ClosedRange<UInt64>)
    func damagedForms(seed: UInt64) throws {
        var state = seed
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let pairs = [("token", "a b&c=d%e"), ("name", "Zürich ü"), ("scope", ""), ("scope", "x+y")]
        var (read, refused) = (0, 0)
        for _ in 0..<5_000 {
            var bytes = Self.written(pairs)
            for _ in 0...below(3) where !bytes.isEmpty {
                let place = below(bytes.count)
                switch below(4) {
                case 0: bytes[place] = UInt8(below(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8(ascii: "%"), at: place)
                default: bytes.removeLast(bytes.count - place - 1)
                }
            }
            guard let fields = FormFields(bytes) else {
                refused += 1
                continue
            }
            read += 1
            for name in ["token", "name", "scope"] {
                let values = fields.all(name)
                #expect(values.reduce(0) { $0 + $1.utf8.count } <= bytes.count)
                let again = try #require(FormFields(Self.written(values.map { (name, $0) })))
                #expect(again.all(name) == values)
            }
        }
        #expect(read > 500 && refused > 500)
    }

    @Test(
        "broken forms are refused",
        arguments: ["a=%", "a=%4", "a=%zz", "a=%FF", String(repeating: "a&", count: 300)]
    )
    func brokenForms(_ body: String) {
        #expect(FormFields(Array(body.utf8)) == nil)
        #expect(FormFields([UInt8](repeating: 97, count: FormFields.bytesMax + 1)) == nil)
    }

    @Test("curves go from the lowest to the highest value and break where there is none")
    func curves() {
        #expect(Sparkline.path([1, 2, 3], width: 10, height: 14) == "M0 12L5 7L10 2")
        #expect(Sparkline.path([1, nil, 3, 3], width: 9, height: 14) == "M0 12M6 2L9 2")
        #expect(Sparkline.path([5, 5], width: 10, height: 14) == "M0 7L10 7")
        #expect(Sparkline.path([.nan, nil], width: 10, height: 14).isEmpty)
    }

    @Test("a thinned waveform keeps its peaks and its gaps")
    func thinning() {
        var samples = [Double?](repeating: 0, count: 4_000)
        samples[1_234] = 9
        samples[2_345] = -9
        samples[3_000] = nil
        let thinned = WaveStrip.thinned(samples, to: 400)
        #expect(thinned.count <= 402)
        #expect(thinned.contains(9) && thinned.contains(-9) && thinned.contains(nil))
        #expect(WaveStrip.thinned([1, 2], to: 400) == [1, 2])
    }

    @Test("assets name nothing outside the program")
    func assets() {
        for asset in DashboardAsset.all {
            // The one address is the name of SVG's namespace.
            let text = asset.content.replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!text.contains("http:") && !text.contains("https:") && !text.contains("url("))
            #expect(!text.contains("eval(") && !text.contains("@import"))
        }
    }
}
