internal import PrivacyCenterStore
internal import Records

/// The envelopes of one answer: read in parts, as fast as the receiver takes them, so that memory holds one part of each
/// answer however many there are.
struct EnvelopeBatch: Sendable {
    /// Envelopes of a part; each may have megabytes.
    private static let partLength = 16

    private let store: any EnvelopeStore
    private let scope: Digest
    private var left: ArraySlice<Digest>
    /// Bytes that the answer may still have.
    private var room: Int

    init(store: any EnvelopeStore, scope: Digest, h1s: [Digest], room: Int) {
        self.store = store
        self.scope = scope
        self.left = h1s[...]
        self.room = room
    }

    /// The next envelopes, in the order of the addresses.
    ///
    /// - Returns: an empty one for each that is not here, is of another scope, or has no room in the answer, which asking
    ///   for it on its own tells apart; nil at the end.
    /// - Throws: `StoreError`.
    mutating func next() async throws -> [[UInt8]]? {
        guard !self.left.isEmpty else { return nil }
        let part = Array(self.left.prefix(Self.partLength))
        self.left = self.left.dropFirst(Self.partLength)
        let found = self.room > 0 ? try await self.store.envelopes(part) : [:]
        var envelopes: [[UInt8]] = []
        for h1 in part {
            let bytes = found[h1].flatMap { $0.envelope.scope == self.scope ? $0.envelope.bytes : nil } ?? []
            let fits = bytes.count <= self.room
            envelopes.append(fits ? bytes : [])
            if fits { self.room -= bytes.count }
        }
        return envelopes
    }
}
