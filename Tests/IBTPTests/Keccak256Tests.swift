import CanonicalBytes
import IBTP
import Testing

@Suite struct Keccak256Tests {
    /// Published values: the empty string and "abc" of the Keccak team, the others known from chains with an EVM.
    @Test(arguments: [
        ("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        ("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        ("hello", "1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8"),
        ("Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
        (
            "The quick brown fox jumps over the lazy dog",
            "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15"
        ),
    ])
    func aKnownTextHasItsKnownDigest(_ text: String, _ digest: String) {
        #expect(Keccak256.digest(Array(text.utf8)).hex == digest)
    }

    @Test func everyLengthAroundABlockHasItsOwnDigest() {
        let digests = (130...140).map { Keccak256.digest([UInt8](repeating: 0, count: $0)) }
        #expect(Set(digests).count == digests.count)
    }
}
