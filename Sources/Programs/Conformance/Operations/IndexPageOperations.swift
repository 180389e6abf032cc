internal import CanonicalBytes
internal import IndexPages

/// Set I, the pages without the attribute encryption of their key (specification section 7.6).
enum IndexPageOperations {
    static let all: [Operation] = [
        Operation("index.encode") { ["pt": .hex(try Self.page($0).bytes)] },
        Operation("index.parse") { ["entries": Self.entries(of: try IndexPage(bytes: $0.bytes("pt")))] },
        Operation("index.seal") {
            let key = try IndexKey($0.bytes("index_key"))
            return ["page": .hex(key.seal(try Self.page($0), at: try Self.place($0)))]
        },
        Operation("index.open") {
            let key = try IndexKey($0.bytes("index_key"))
            return ["entries": Self.entries(of: try key.open($0.bytes("page"), at: try Self.place($0)))]
        },
    ]

    private static func page(_ input: CaseInput) throws -> IndexPage {
        try IndexPage(
            try input.objects("entries").map { entry in
                IndexPage.Entry(h1: try entry.bytes("H1"), tags: try entry.byteLists("tags"))
            }
        )
    }

    private static func place(_ input: CaseInput) throws -> IndexPlace {
        try IndexPlace(
            scope: try input.bytes("scope_digest"),
            window: try input.u64("window_seq"),
            sender: Array(try input.text("sender").utf8)
        )
    }

    private static func entries(of page: IndexPage) -> JSONValue {
        .array(
            page.entries.map { entry in
                .object(["H1": .hex(entry.h1), "tags": .array(entry.tags.map(JSONValue.hex))])
            }
        )
    }
}
