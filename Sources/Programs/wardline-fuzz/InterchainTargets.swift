import CanonicalBytes
import EVMProofs
import IBTP

/// Messages between chains, and what proves that a chain with an EVM has said one.
enum InterchainTargets {
    static let all: [Target] =
        EVMDecoders.names.map(Self.decoder) + [
            Target(name: "evm-inclusion", weight: 5, family: .interchain) { _, payload, _ in Self.proven(payload) },
            Target(name: "evm-abi", weight: 5, family: .interchain) { _, payload, random in
                Self.values(payload, &random)
            },
            Target.canonical("evm-registration", weight: 2, family: .interchain) { (bytes) throws(ProtocolFailure) in
                try EVMRegistration(bytes: bytes).bytes
            },
            Target.canonical("ibtp", weight: 5, family: .interchain) { (bytes) throws(ProtocolFailure) in
                let message = try InterchainMessage(bytes: bytes, .canonical)
                _ = message.hash
                _ = try? message.id
                _ = try? message.checkedPayload()
                return message.bytes
            },
            Target.canonical("relay-extension", weight: 4, family: .interchain) { (bytes) throws(ProtocolFailure) in
                let found = try RelayExtension(bytes: bytes)
                // A message that carries it says the same, or that its payload is encrypted otherwise.
                let message = InterchainMessage(from: "a:b:c", to: "d:e:f", index: 1, extra: bytes)
                if let carried = try? message.relayExtension, carried != found { return [] }
                return found.bytes
            },
            Target(name: "ibtp-foreign", weight: 5, family: .interchain) { _, payload, _ in Self.tolerated(payload) },
            Target(name: "ibtp-legacy", weight: 3, family: .interchain) { _, payload, random in
                Self.versioned(payload, &random)
            },
        ]

    private static func decoder(_ name: String) -> Target {
        Target(name: "evm-\(name)", weight: 5, family: .interchain) { _, payload, _ in
            do throws(EVMDecoders.Contradiction) {
                return try EVMDecoders.read(payload, as: name) ? .accepted : .refused("FORMAT")
            } catch { return .broken(error.description) }
        }
    }

    /// Nobody proves a log that is not in the block.
    private static func proven(_ payload: [UInt8]) -> Verdict {
        guard let block = InterchainSeeds.block else { return .broken("no block") }
        do throws(ProtocolFailure) {
            let message = try EVMInclusionProof(bytes: payload).verify(against: block.anchor, broker: block.broker)
            return block.messages.contains(message) ? .accepted : .broken("a message that the broker has not sent")
        } catch {
            if block.proofs.contains(payload) { return .broken("refused a good proof: \(error)") }
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    /// Whatever the values are said to be, what is read has this one encoding.
    private static func values(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        let simple: [ABIType] = [.number, .flag, .address, .word, .bytes(max: 256), .text(max: 256)]
        let types = (0..<1 + random.below(9)).map { _ in
            random.once(in: 4) ? ABIType.array(random.pick(simple), max: 4) : random.pick(simple)
        }
        // Half of the time as they stand in a log of the broker, behind the call's selector or not.
        let data = random.once(in: 2) ? Array(payload.dropFirst(4)) : payload
        do throws(ProtocolFailure) {
            let values = try ABIValue.decode(data, as: types)
            return ABIValue.encode(values) == data ? .accepted : .broken("accepted another encoding")
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    /// What other implementations write may be read in more than one encoding, but never grows or changes on the way.
    private static func tolerated(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let message = try InterchainMessage(bytes: payload, .tolerant)
            let again = message.bytes
            guard again.count <= max(payload.count, IBTPLimits.messageBytesMax) else {
                return .broken("\(payload.count) bytes became \(again.count)")
            }
            return try InterchainMessage(bytes: again, .tolerant) == message ? .accepted : .broken("another message")
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    /// A message of any of the versions, and what its call says.
    private static func versioned(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        let version = random.pick(["", "1.2.0", "v1.6", "2.8.0"])
        do throws(ProtocolFailure) {
            guard case .legacy(let message) = try VersionedMessage(bytes: payload, version: version) else {
                return .accepted
            }
            _ = try LegacyContent(bytes: message.payload)
            return .accepted
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }
}
