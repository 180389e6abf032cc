import Payloads
import Testing

@Suite("Damaged payloads of textual and self-describing formats")
struct TextFormatsFuzzTests {
    struct Target: Sendable, CustomTestStringConvertible {
        let name: String
        let corpus: [[UInt8]]
        let decode: @Sendable (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void

        init(
            _ name: String,
            _ corpus: [[UInt8]],
            _ decode: @escaping @Sendable (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void
        ) {
            self.name = name
            self.corpus = corpus
            self.decode = decode
        }

        var testDescription: String { self.name }
    }

    static let packs = [
        #"[{"bn":"urn:dev:mac:0024befffe804ff1:","bt":1700000000,"bver":5,"n":"hr","u":"beat/min","v":72}]"#,
        #"[{"bn":"a","bv":1.5,"bs":2,"bu":"Cel"},{"n":"b","v":-3e2,"t":-5,"ut":2},{"n":"c","vd":"AQI"},{"vs":"x"}]"#,
    ].map { Array($0.utf8) }

    static let items = [
        "a46268721848647465 6d70fa42126666647370 6f32c482201903d461618301 0203",
        "bf6346756ef563416d7421ff9f018202039f0405ffff", "c249010000000000000000", "7f657374726561646d696e67ff",
        "82a5216b75726e3a6465763a78 3a22fb41d452d9ec2000000066766f6c7461676501615602fb405e066666666666a200 636375720623",
        "f97e00", "c4822120", "d9d9f783f90001fa7f7fffff3bffffffffffffffff",
    ].map(bytes(hex:))

    static let targets = [
        Target(
            "JSON",
            [
                #"{"hr":72,"t":[36.60,-1.5e-3,null,true,false],"n":{"é":"a\n\u00e9\ud83d\ude00"}}"#,
                #"[[[[{"a":98.43639286275842}]]],"水","\\\"/"]"#, "\u{FEFF}{}",
            ].map { Array($0.utf8) }
        ) { (bytes, tree) throws(DecodeFailure) in try JSONTextDecoder.decode(bytes, into: &tree) },
        Target("JSON lines", [Array("{\"a\":1}\r\n\n[2,\"x\"]\n3\n".utf8)]) { (bytes, tree) throws(DecodeFailure) in
            try JSONTextDecoder.decode(bytes, into: &tree, framing: .lines)
        },
        Target("CBOR", items) { (bytes, tree) throws(DecodeFailure) in try CBORDecoder.decode(bytes, into: &tree) },
        Target("SenML JSON", packs) { (bytes, tree) throws(DecodeFailure) in
            try SenMLDecoder.decode(bytes, encoding: .json, into: &tree)
        },
        Target("SenML CBOR", items + ["81a300617802182a0501", "81a40361620021616122"].map(bytes(hex:))) {
            (bytes, tree) throws(DecodeFailure) in
            try SenMLDecoder.decode(bytes, encoding: .cbor, into: &tree)
        },
        Target("delimited", ["time,HR,\"a \"\"b\"\"\"\r\n1, 62.8,\"x\ny\"\r2,,\n", "a\tb\n"].map { Array($0.utf8) }) {
            (bytes, tree) throws(DecodeFailure) in
            try DelimitedDecoder.decode(bytes, into: &tree)
        },
        Target("scalar", [" 36.6 ", "98 %", "true", "120/80 mm[Hg]", "-1e5 °C\u{0}"].map { Array($0.utf8) }) {
            (bytes, tree) throws(DecodeFailure) in
            try ScalarDecoder.decode(bytes, into: &tree)
        },
        Target(
            "line protocol",
            [
                "m\\ x,a=b\\=c,d=e f=1,g=2i,h=\"q\\\"\n\",i=T 1700000000000000000\n# c\r\nx y=3u\n", "m v=1e5,w=-3.25",
            ].map { Array($0.utf8) }
        ) { (bytes, tree) throws(DecodeFailure) in try LineProtocolDecoder.decode(bytes, into: &tree) },
    ]

    @Test("every damaged payload decodes to a sound tree or is refused", arguments: targets)
    func damagedPayloads(_ target: Target) {
        var mutator = Mutator(corpus: target.corpus, seed: 0x5EED)
        var refusals = 0
        for _ in 0..<20_000 {
            let payload = mutator.next()
            do throws(DecodeFailure) {
                let tree = try tree(payload) { (bytes, tree) throws(DecodeFailure) in try target.decode(bytes, &tree) }
                #expect(tree.depth == 0)
                _ = DecodedValue(tree)
            } catch {
                refusals += 1
                if let offset = error.offset, !(0...payload.count).contains(offset) {
                    Issue.record("\(target.name): an offset lies outside the payload")
                }
            }
        }
        #expect(refusals > 0 && refusals < 20_000)
    }

    @Test("every damaged wrapping unwraps within its bound or is refused", arguments: Wrapping.allCases)
    func damagedWrappings(_ wrapping: Wrapping) throws {
        let content = Array("heart rate 72, heart rate 73, heart rate 74".utf8)
        let corpus = [try wrap(content, in: wrapping), try wrap([0, 255, 1], in: wrapping)]
        var mutator = Mutator(corpus: corpus, seed: 0xBED5)
        var refusals = 0
        for _ in 0..<20_000 {
            do throws(DecodeFailure) {
                let output = try unwrapped(mutator.next(), wrapping, outputBytesMax: 64)
                #expect(output.count <= 64)
            } catch {
                refusals += 1
            }
        }
        #expect(refusals > 0 && refusals < 20_000)
    }
}
