import Testing
import Transcripts

@Suite struct SecretBytesTests {
    @Test func wipedBytesAreZero() {
        var secret = SecureRandom.bytes(32)
        secret.wipe()
        #expect(secret == [UInt8](repeating: 0, count: 32))
        var nothing: [UInt8] = []
        nothing.wipe()
        #expect(nothing.isEmpty)
    }

    @Test func bytesAreEqualWhenAllOfThemAre() {
        #expect(([1, 2, 3] as [UInt8]).equalsInConstantTime([1, 2, 3]))
        #expect(([] as [UInt8]).equalsInConstantTime([]))
        for other in [[1, 2], [1, 2, 2], [0, 2, 3], [1, 2, 3, 0], []] as [[UInt8]] {
            #expect(!([1, 2, 3] as [UInt8]).equalsInConstantTime(other))
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 32, 1000]) func asManyRandomBytesComeAsWereAskedFor(_ count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
    }

    @Test func randomBytesDoNotRepeat() {
        #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
    }
}
