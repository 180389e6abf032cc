import CanonicalBytes
import EVMAdapter
import EVMProofs
import Secp256k1
import Testing

struct FeeTransactionTests {
    /// Transactions that PyPI's eth-account 0.14 has signed with the key of EIP-155's example.
    @Test(arguments: [
        (
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", UInt64(0), "0102",
            "476ee52c1065abfa12461303706147298f6e9e6c724ddb2e3ede37e5aff4fb1d",
            "b0bda7615c37d6959a12a0e264e0f8ace2ff4c005ac27fefbf191b361bc9bb2c"
                + "314ae227b00fe7d6e74777acd30cf4cf2974e9f3d74434c240d97c1ceb42a72d1c",
            "3f60bc7ea68f00dee7d3bac266906a791e10b195ba69b1ebf43bfbdbc11ce657"
        ),
        (
            "", 300, "60006000", "8627d2956c45685b867793431c0507742418fca99a294544390ce0346a8629a7",
            "27961891188a2a05eef4c97fa19198cbb0a4ee80984210da8aef110ecaa14657"
                + "1e882740a8c4f7c7dfcd8328a86286a4dfa204785f992349d4a878c16974756d1c",
            "89ebeb9923d2bd385f3154036c9e7b9c04525df6b781de7a4d831a3bf116ebfb"
        ),
    ])
    func `a transaction has the digest and the hash that others compute`(
        to: String,
        nonce: UInt64,
        data: String,
        digest: String,
        signature: String,
        hash: String
    ) throws {
        let transaction = FeeTransaction(
            chainID: 1_337,
            nonce: nonce,
            priorityFee: 1_000_000_000,
            feeMax: 5_000_000_000,
            gas: 250_000,
            to: to.isEmpty ? nil : try EVMAddress(text: to),
            data: try #require([UInt8](hex: data))
        )
        #expect(transaction.digest.hex == digest)
        let signature = try Secp256k1Signature(#require([UInt8](hex: signature)))
        #expect(transaction.with(signature).hash.hex == hash)
        let key = try Secp256k1Key(secret: [UInt8](repeating: 0x46, count: 32))
        #expect(try signature.signer(of: transaction.digest) == key.publicKey)
        let signed = try transaction.signed(by: key)
        #expect(signed.bytes.count >= transaction.with(signature).bytes.count - 2)
        let fields = try RLPItem(encoded: Array(signed.bytes.dropFirst())).list("a transaction")
        #expect(fields.count == 12 && signed.bytes[0] == 2)
    }

    @Test(arguments: [
        ("https://node.example/key", true), ("http://127.0.0.1:8545", true), ("http://localhost:8545", true),
        ("http://[::1]:8545", true), ("http://node.example", false), ("ws://127.0.0.1:8545", false),
        ("https://user:word@node.example", false), ("http://127.0.0.1.node.example", false), ("", false),
        ("https://node.example\r\nx: y", false), ("https://node.example/a b", false),
    ])
    func `a node is asked over TLS, or on this machine`(url: String, isGood: Bool) {
        #expect((NodeURL(url) != nil) == isGood)
    }
}
