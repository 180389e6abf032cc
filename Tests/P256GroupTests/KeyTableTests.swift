import CanonicalBytes
import Synchronization
import Testing
import Transcripts

@testable import P256Group

@Suite struct KeyTableTests {
    private static let keys = (0..<4).map { _ in P256KeyPair.generate() }

    @Test("multiplying with a table is multiplying without, on every thread", arguments: keys.indices)
    func sameProducts(_ index: Int) async throws {
        let key = Self.keys[index].publicKey
        let table = try #require(P256KeyTable(key))
        let one = try P256Scalar([UInt8](repeating: 0, count: 31) + [1])
        var scalars = [P256Scalar.zero, one, P256Scalar.zero - one]
        for bit in 0..<4 { scalars.append(try P256Scalar.hash("TEST", [UInt8(bit)])) }
        let agree = await withTaskGroup(of: Bool.self) { [scalars] group in
            for _ in 0..<4 {
                group.addTask {
                    scalars.allSatisfy { a in
                        scalars.allSatisfy { b in
                            let sum = P256Point.base(times: a, plus: b, times: key.point)
                            return table.encodedSum(a, plus: b) == (try? sum.encoded())
                        }
                    }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(agree)
        #expect(table.encodedSum(.zero, plus: .zero) == nil)
    }

    @Test("the sum of a point and its negative is the identity with a table too")
    func identity() throws {
        let key = Self.keys[0]
        let table = try #require(P256KeyTable(key.publicKey))
        let c = try P256Scalar.hash("TEST", [9])
        let z = key.withSecret { P256Scalar.zero - c * $0 }
        #expect(P256Point.base(times: z, plus: c, times: key.publicKey.point).isIdentity)
        #expect(table.encodedSum(z, plus: c) == nil)
    }

    @Test("a key gets its table after many checks, and answers as before")
    func verification() throws {
        let pair = Self.keys[1]
        let key = VerificationKey(pair.publicKey, tables: KeyTables(limit: 1))
        let signature = try Schnorr.sign(pair, context: "TEST", message: [1, 2, 3])
        for _ in 1..<VerificationKey.patience {
            try Schnorr.verify(key, context: "TEST", message: [1, 2, 3], signature: signature)
        }
        #expect(!key.hasTable)
        for _ in 0..<2 {
            try Schnorr.verify(key, context: "TEST", message: [1, 2, 3], signature: signature)
            #expect(key.hasTable)
            for (context, message) in [("TEST", [1, 2, 4]), ("OTHER", [1, 2, 3])] as [(String, [UInt8])] {
                let failure = #expect(throws: ProtocolFailure.self) {
                    try Schnorr.verify(key, context: context, message: message, signature: signature)
                }
                #expect(failure?.code == .signature)
            }
        }
    }

    @Test("there are as many tables as allowed; a key that goes gives its own back")
    func limit() throws {
        let tables = KeyTables(limit: 1)
        let message: [UInt8] = [5]
        func used(_ pair: P256KeyPair) throws -> VerificationKey {
            let key = VerificationKey(pair.publicKey, tables: tables)
            let signature = try Schnorr.sign(pair, context: "TEST", message: message)
            for _ in 0...VerificationKey.patience {
                try Schnorr.verify(key, context: "TEST", message: message, signature: signature)
            }
            return key
        }
        var first: VerificationKey? = try used(Self.keys[0])
        #expect(first?.hasTable == true)
        #expect(try used(Self.keys[1]).hasTable == false)
        first = nil
        #expect(try used(Self.keys[2]).hasTable)
    }

    @Test("tables are made where the owner says")
    func elsewhere() throws {
        let jobs = Mutex<[@Sendable () -> Void]>([])
        let pair = Self.keys[3]
        let key = VerificationKey(
            pair.publicKey,
            tables: KeyTables(limit: 1) { job in jobs.withLock { $0.append(job) } }
        )
        let signature = try Schnorr.sign(pair, context: "TEST", message: [1])
        for _ in 0..<VerificationKey.patience * 3 {
            try Schnorr.verify(key, context: "TEST", message: [1], signature: signature)
        }
        #expect(!key.hasTable)
        let due = jobs.withLock { $0 }
        #expect(due.count == 1)
        for job in due { job() }
        #expect(key.hasTable)
    }
}
