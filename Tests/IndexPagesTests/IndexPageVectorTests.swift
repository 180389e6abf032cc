import CanonicalBytes
import IndexPages
import Testing
import VectorFiles

/// The pages of vector set I.
@Suite struct IndexPageVectorTests {
    @Test(arguments: try VectorFile.cases("I_index", "index.encode"))
    func `pages are encoded as specified`(_ vector: VectorCase) throws {
        #expect(try vector.outcome { ["pt": .text(try self.page(vector).bytes.hex)] } == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("I_index", "index.parse"))
    func `pages are read strictly`(_ vector: VectorCase) throws {
        let outcome = try vector.outcome { ["entries": self.entries(try IndexPage(bytes: vector.bytes("pt")))] }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("I_index", "index.seal"))
    func `pages are sealed as specified`(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let key = try IndexKey(vector.bytes("index_key"))
            return ["page": .text(key.seal(try self.page(vector), at: try self.place(vector)).hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("I_index", "index.open"))
    func `pages open with their key at their place only`(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let key = try IndexKey(vector.bytes("index_key"))
            return ["entries": self.entries(try key.open(vector.bytes("page"), at: try self.place(vector)))]
        }
        #expect(outcome == vector.expected)
    }

    @Test func `a sealed page with any changed byte does not open`() throws {
        let key = IndexKey.generate()
        let place = try IndexPlace(scope: [UInt8](repeating: 7, count: 32), window: 3, sender: Array("gw".utf8))
        let page = try IndexPage([IndexPage.Entry(h1: [UInt8](repeating: 1, count: 32), tags: [[1], [2]])])
        let sealed = key.seal(page, at: place)
        #expect(try key.open(sealed, at: place) == page)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x80
            #expect(throws: ProtocolFailure.self) { try key.open(changed, at: place) }
        }
    }

    private func page(_ vector: VectorCase) throws -> IndexPage {
        try IndexPage(
            try vector.objects("entries").map {
                IndexPage.Entry(h1: try $0.bytes("H1"), tags: try $0.bytesList("tags"))
            }
        )
    }

    private func place(_ vector: VectorCase) throws -> IndexPlace {
        try IndexPlace(
            scope: try vector.bytes("scope_digest"),
            window: try vector.number("window_seq"),
            sender: Array(try vector.text("sender").utf8)
        )
    }

    private func entries(_ page: IndexPage) -> VectorValue {
        .list(
            page.entries.map {
                .object(["H1": .text($0.h1.hex), "tags": .list($0.tags.map { .text($0.hex) })])
            }
        )
    }
}
