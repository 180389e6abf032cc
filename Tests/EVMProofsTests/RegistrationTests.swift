import CanonicalBytes
import EVMProofs
import Testing

@Suite("Registrations of chains with an EVM") struct RegistrationTests {
    private static func registration(_ finality: EVMRegistration.Finality) throws -> EVMRegistration {
        let broker = try EVMAddress([UInt8](repeating: 0xB0, count: 20))
        return try EVMRegistration(broker: BrokerIdentity(chainID: 1_337, address: broker), finality: finality)
    }

    @Test("a registration is read back, and every other bytes are read as another one or not at all")
    func encoding() throws {
        for finality in [EVMRegistration.Finality.tagged, .depth(1), .depth(EVMRegistration.depthMax)] {
            let registration = try Self.registration(finality)
            let bytes = registration.bytes
            #expect(try EVMRegistration(bytes: bytes) == registration)
            for length in bytes.indices {
                #expect(throws: ProtocolFailure.self) { try EVMRegistration(bytes: Array(bytes[..<length])) }
            }
            #expect(throws: ProtocolFailure.self) { try EVMRegistration(bytes: bytes + [0]) }
            for place in bytes.indices {
                var changed = bytes
                changed[place] ^= 1
                guard let other = try? EVMRegistration(bytes: changed) else { continue }
                #expect(other != registration && other.bytes == changed, "byte \(place)")
            }
        }
    }

    @Test("neither a depth of nothing nor one beyond all bounds, nor chain 0, nor nobody's address is registered")
    func bounds() throws {
        for depth in [0, EVMRegistration.depthMax + 1] {
            #expect(throws: ProtocolFailure.self) { try Self.registration(.depth(depth)) }
        }
        let nobody = try EVMAddress([UInt8](repeating: 0, count: 20))
        let somebody = try EVMAddress([UInt8](repeating: 1, count: 20))
        for broker in [BrokerIdentity(chainID: 1, address: nobody), BrokerIdentity(chainID: 0, address: somebody)] {
            #expect(throws: ProtocolFailure.self) { try EVMRegistration(broker: broker, finality: .tagged) }
        }
    }
}
