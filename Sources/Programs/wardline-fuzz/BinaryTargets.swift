import Payloads
import Units

/// The decoders of bits and bytes, and what they come wrapped in.
enum BinaryTargets {
    static let all: [Target] =
        GATTCharacteristic.allCases.map(Self.gatt) + SparkplugTargets.all + Wrapping.allCases.map(Self.wrapping) + [
            Target(name: "binary", weight: 10, family: .gatt) { bench, payload, _ in
                bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
                    try BinaryDecoder.decode(bytes, into: &tree)
                }
            },
            Target(name: "binary-field", weight: 20, family: .gatt) { _, payload, random in
                Self.fields(payload, &random)
            },
        ]

    private static func gatt(_ characteristic: GATTCharacteristic) -> Target {
        Target(name: "gatt-\(characteristic.rawValue)", weight: 14, family: .gatt) { bench, payload, random in
            let allowing = random.once(in: 2)
            return bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
                try GATTDecoder.decode(bytes, as: characteristic, into: &tree, allowingTrailingBytes: allowing)
            }
        }
    }

    private static func wrapping(_ wrapping: Wrapping) -> Target {
        let family: SeedFamily =
            switch wrapping {
            case .hex: .hex
            case .base64: .base64
            case .gzip, .zlib, .deflate: .compressed
            }
        return Target(name: wrapping.rawValue, weight: 20, family: family) { _, payload, random in
            Self.unwrap(
                payload,
                wrapping,
                bound: random.pick([0, 64, 4_096, 65_536, PayloadBounds.unwrappedBytesMax]),
                &random
            )
        }
    }

    private static func unwrap(
        _ payload: [UInt8],
        _ wrapping: Wrapping,
        bound: Int,
        _ random: inout Randomness
    ) -> Verdict {
        // Half of the time the damage lies inside the wrapping.
        let isInside = random.once(in: 2)
        let bytes = isInside ? Enveloping.wrap(payload, as: wrapping) : payload
        do throws(DecodeFailure) {
            let inner = try bytes.withBytes { (bytes) throws(DecodeFailure) in
                try wrapping.unwrap(bytes, outputBytesMax: bound)
            }
            if inner.count > bound { return .broken("\(inner.count) bytes where \(bound) are allowed") }
            return isInside && inner != payload ? .broken("other bytes than were wrapped") : .accepted
        } catch {
            // An empty payload is refused in every wrapping that can be empty.
            let mustFit = isInside && !payload.isEmpty && payload.count <= bound
            return mustFit ? .broken("refused what was wrapped: \(error)") : Workbench.verdict(error)
        }
    }

    /// Every accessor at places inside and outside of the bytes.
    private static func fields(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        let bytes = payload[...].dropFirst(random.small(3))
        var found = 0
        for _ in 0..<8 {
            let offset = random.once(in: 8) ? random.pick([-1, .max, .min, .max - 3]) : random.below(payload.count + 4)
            let order = random.pick(BinaryField.ByteOrder.allCases)
            let (low, count) = (random.below(70) - 3, random.below(70) - 3)
            if BinaryField.u8(bytes, at: offset) != nil { found += 1 }
            if BinaryField.i24(bytes, at: offset, order) != nil { found += 1 }
            if BinaryField.u32(bytes, at: offset, order) != nil { found += 1 }
            if BinaryField.i32(bytes, at: offset, order) != nil { found += 1 }
            if BinaryField.f64(bytes, at: offset, order) != nil { found += 1 }
            if BinaryField.bit(bytes, at: offset, bit: low) != nil { found += 1 }
            if let bits = BinaryField.bits(bytes, at: offset, low: low, count: count) {
                found += 1
                if bits < 0, count < 64 { return .broken("\(count) bits make \(bits)") }
            }
            for number in [
                BinaryField.sfloat(bytes, at: offset, order), BinaryField.float11073(bytes, at: offset, order),
            ] {
                guard let value = number?.number else { continue }
                found += 1
                if let fault = TreeAudit.fault(of: value) { return .broken(fault) }
            }
        }
        return found > 0 ? .accepted : .refused("out-of-range")
    }
}
