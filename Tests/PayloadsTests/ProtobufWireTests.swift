internal import Testing

@testable internal import Payloads

@Suite("Protocol Buffers wire format")
struct ProtobufWireTests {
    private func fields(_ bytes: [UInt8]) throws(DecodeFailure) -> [String] {
        var texts: [String] = []
        _ = try decoded(bytes) { (bytes, _) throws(DecodeFailure) in
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                switch field.value {
                case .varint(let value): texts.append("\(field.number)=\(value)")
                case .fixed64(let value): texts.append("\(field.number)=\(value)L")
                case .fixed32(let value): texts.append("\(field.number)=\(value)I")
                case .bytes(let value): texts.append("\(field.number)=<\(value.count)>")
                }
            }
        }
        return texts
    }

    private func reason(_ bytes: [UInt8]) -> DecodeFailure.Reason? {
        do throws(DecodeFailure) {
            _ = try self.fields(bytes)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("every wire type")
    func wireTypes() throws {
        let bytes = hex("089601 110200000000000000 1a03616263 2d03000000 f8ffffff0f00")
        #expect(try self.fields(bytes) == ["1=150", "2=2L", "3=<3>", "5=3I", "536870911=0"])
    }

    @Test("the largest number has ten octets, and no more bits than 64")
    func largestNumber() throws {
        #expect(try self.fields(hex("08 ffffffffffffffffff01")) == ["1=\(UInt64.max)"])
        #expect(self.reason(hex("08 ffffffffffffffffff02")) == .malformed)
        #expect(self.reason(hex("08 ffffffffffffffffffff01")) == .malformed)
    }

    @Test(
        "what the format forbids",
        arguments: [
            ("08", DecodeFailure.Reason.truncated), ("0880", .truncated), ("0d000000", .truncated),
            ("0900000000000000", .truncated), ("0a05616263", .truncated), ("0affffffffffffffffff01", .truncated),
            ("0b0c", .unsupported), ("0c", .unsupported), ("0e00", .malformed), ("0f00", .malformed),
            ("0000", .malformed), ("808080801000", .malformed),
        ]
    )
    func refusals(bytes: String, reason: DecodeFailure.Reason) {
        #expect(self.reason(hex(bytes)) == reason)
    }
}
