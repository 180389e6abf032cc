package import CanonicalBytes
package import Certificates
package import Pseudonyms
internal import Transcripts

/// What a user sends to a registration authority: `"WLPR" || LP(request) || LP(identity certificate)`.
package struct SubmittedRequest: Sendable {
    /// Certificates in one request.
    package static let countMax = 256

    package let request: PseudonymRequest
    /// Under whose key the request is signed.
    package let certificate: ImplicitCertificate

    package init(request: PseudonymRequest, certificate: ImplicitCertificate) {
        self.request = request
        self.certificate = certificate
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPR")
        self.request = try PseudonymRequest(bytes: try reader.lengthPrefixed())
        self.certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        try reader.finish()
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.magic("WLPR")
        writer.lengthPrefixed(self.request.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        return writer.bytes
    }

    /// `H("PSEU-REQ-ID", request)`: names a request between user and registration authority.
    package static func id(of request: PseudonymRequest) -> [UInt8] {
        TaggedHash.digest("PSEU-REQ-ID", request.bytes)
    }
}

/// What a registration authority sends to the authority of pseudonyms: `"WLPB" || u64 epoch || u16 n × (E(B_i) ||
/// LP(handle))`, of many users in no order.
package struct CocoonBatch: Sendable, Hashable {
    /// Keys in one batch.
    package static let countMax = 512
    private static let handleLength = 104

    package let epoch: UInt64
    package let orders: [CocoonOrder]

    package init(epoch: UInt64, orders: [CocoonOrder]) {
        self.epoch = epoch
        self.orders = orders
    }

    /// - Throws: `FORMAT`; `DUPLICATE` for a key that occurs twice.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPB")
        self.epoch = try reader.u64()
        let count = Int(try reader.u16())
        try require((1...Self.countMax).contains(count), .format, "a batch has 1 to \(Self.countMax) keys")
        var orders: [CocoonOrder] = []
        orders.reserveCapacity(count)
        for _ in 0..<count {
            let key = try reader.take(33)
            let handle = try reader.lengthPrefixed()
            try require(handle.count == Self.handleLength, .format, "a handle has \(Self.handleLength) bytes")
            orders.append(CocoonOrder(cocoonKey: key, handle: handle))
        }
        try reader.finish()
        try require(Set(orders.map(\.cocoonKey)).count == count, .duplicate, "a key occurs twice")
        self.orders = orders
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.orders.count * 144 + 16)
        writer.magic("WLPB")
        writer.u64(self.epoch)
        writer.u16(UInt16(self.orders.count))
        for order in self.orders {
            writer.raw(order.cocoonKey)
            writer.lengthPrefixed(order.handle)
        }
        return writer.bytes
    }
}

/// What the authority of pseudonyms answers, box for key, and what a user fetches, index by index: `"WLPX" || u16 n ×
/// LP(box || signature)`.
package struct BoxedResponses: Sendable, Hashable {
    package let boxes: [[UInt8]]

    package init(boxes: [[UInt8]]) { self.boxes = boxes }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPX")
        let count = Int(try reader.u16())
        try require(count <= CocoonBatch.countMax, .format, "more than \(CocoonBatch.countMax) responses")
        var boxes: [[UInt8]] = []
        for _ in 0..<count { boxes.append(try reader.lengthPrefixed()) }
        try reader.finish()
        self.boxes = boxes
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.boxes.count * 640 + 8)
        writer.magic("WLPX")
        writer.u16(UInt16(self.boxes.count))
        for box in self.boxes { writer.lengthPrefixed(box) }
        return writer.bytes
    }
}

/// Cocoon keys whose certificates are to be revoked: `"WLPK" || u16 n × E(B_i)`.
package struct RevokedKeys: Sendable, Hashable {
    /// Keys in one message.
    package static let countMax = 4_096

    package let keys: [[UInt8]]

    package init(keys: [[UInt8]]) { self.keys = keys }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPK")
        let count = Int(try reader.u16())
        try require((1...Self.countMax).contains(count), .format, "1 to \(Self.countMax) keys")
        var keys: [[UInt8]] = []
        for _ in 0..<count { keys.append(try reader.take(33)) }
        try reader.finish()
        self.keys = keys
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.keys.count * 33 + 8)
        writer.magic("WLPK")
        writer.u16(UInt16(self.keys.count))
        for key in self.keys { writer.raw(key) }
        return writer.bytes
    }
}
