internal import Testing

@testable internal import Payloads

@Suite("MLLP framing")
struct MLLPTests {
    private func unframed(_ bytes: [UInt8]) throws(DecodeFailure) -> [UInt8] {
        var inner: [UInt8] = []
        _ = try decoded(bytes) { (bytes, _) throws(DecodeFailure) in
            inner = Array(try MLLP.unframed(bytes))
        }
        return inner
    }

    @Test(
        "whole, half and missing frames",
        arguments: ["0b 4d53 1c0d", "0b 4d53 1c", "0b 4d53", "4d53 1c0d", "4d53", "0d0a 0b 4d53 1c0d0a"]
    )
    func frames(text: String) throws {
        #expect(try self.unframed(hex(text)) == hex("4d53"))
    }

    @Test("nothing inside is nothing", arguments: ["", "0b", "0b1c0d", "0d0a"])
    func empty(text: String) throws {
        #expect(try self.unframed(hex(text)).isEmpty)
    }

    @Test("a second frame is refused")
    func secondFrame() {
        #expect(throws: DecodeFailure.self) { try self.unframed(hex("0b 4d53 1c0d 0b 4d53 1c0d")) }
    }
}
