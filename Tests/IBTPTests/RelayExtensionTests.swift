import CanonicalBytes
import IBTP
import Testing

@Suite struct RelayExtensionTests {
    private static let nonce = [UInt8](repeating: 7, count: 32)

    private static func full() throws -> RelayExtension {
        try RelayExtension(
            pathNonce: self.nonce,
            expiry: 1_800_000_000,
            certificate: [1, 2, 3],
            shareRequest: [UInt8](repeating: 8, count: 32),
            encryption: RelayExtension.Encryption(suite: 1, receiver: [UInt8](repeating: 9, count: 32))
        )
    }

    @Test func anExtensionIsReadBackAsItWasWritten() throws {
        let full = try Self.full()
        #expect(try RelayExtension(bytes: full.bytes) == full)
        let least = try RelayExtension(pathNonce: Self.nonce, expiry: 5)
        #expect(try RelayExtension(bytes: least.bytes) == least)
        let head = Array("WLIX".utf8) + [1, 2, 1, 0, 0, 0, 32] + Self.nonce
        #expect(least.bytes == head + [2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5])
    }

    @Test func everyCutAndEveryAdditionIsRefused() throws {
        let bytes = try Self.full().bytes
        for length in bytes.indices {
            #expect(try refusal { try RelayExtension(bytes: Array(bytes.prefix(length))) } == .format)
        }
        #expect(try refusal { try RelayExtension(bytes: bytes + [0]) } == .format)
    }

    @Test func anExtensionHasOneEncoding() throws {
        var chance = Chance(seed: 4)
        let bytes = try Self.full().bytes
        for _ in 0..<2_000 {
            var other = bytes
            other[chance.below(other.count)] ^= 1 << UInt8(chance.below(8))
            guard let read = try? RelayExtension(bytes: other) else { continue }
            #expect(read.bytes == other)
        }
    }

    @Test func partsOutOfPlaceAreRefused() throws {
        let head = Array("WLIX".utf8)
        let nonce: [UInt8] = [1, 0, 0, 0, 32] + Self.nonce
        let expiry: [UInt8] = [2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5]
        #expect(try RelayExtension(bytes: head + [1, 2] + nonce + expiry).expiry == 5)
        let refused: [[UInt8]] = [
            head + [1, 2] + expiry + nonce, head + [1, 3] + nonce + expiry + expiry, head + [1, 1] + nonce,
            head + [1, 1] + expiry, head + [2, 2] + nonce + expiry,
            head + [1, 3] + nonce + expiry + [6, 0, 0, 0, 0], head + [1, 3] + nonce + expiry + [3, 0, 0, 0, 0],
            head + [1, 3] + nonce + expiry + [4, 0, 0, 0, 1, 1], Array("WLIY".utf8) + [1, 2] + nonce + expiry,
        ]
        for bytes in refused { #expect(try refusal { try RelayExtension(bytes: bytes) } == .format) }
    }

    @Test func theSourceSetsItOnceAndTheHashCoversIt() throws {
        let payload = InterchainPayload(isEncrypted: true, content: [1], hash: [])
        let message = InterchainMessage(from: "h:a:x", to: "h:b:y", index: 1, payload: payload.bytes)
        #expect(try message.relayExtension == nil)
        let extended = try message.extended(by: Self.full())
        #expect(try extended.relayExtension == Self.full())
        #expect(extended.hash != message.hash)
        #expect(try refusal { try extended.extended(by: Self.full()) } == .duplicate)
        // Another implementation carries the field as it is.
        #expect(try InterchainMessage(bytes: extended.bytes, .tolerant).relayExtension == Self.full())
    }

    @Test func extensionAndPayloadAgreeOnEncryption() throws {
        let open = InterchainPayload(content: [1], hash: [])
        let message = InterchainMessage(from: "h:a:x", to: "h:b:y", index: 1, payload: open.bytes)
        #expect(try refusal { try message.extended(by: Self.full()).relayExtension } == .context)
        var foreign = message
        foreign.extra = [1, 2, 3]
        #expect(try foreign.relayExtension == nil)
        foreign.extra = Array("WLIX".utf8)
        #expect(try refusal { try foreign.relayExtension } == .format)
    }
}
