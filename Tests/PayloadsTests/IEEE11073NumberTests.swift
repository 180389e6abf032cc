internal import Foundation
internal import Testing
internal import Units

@testable internal import Payloads

@Suite("IEEE 11073 numbers")
struct IEEE11073NumberTests {
    struct Vectors: Decodable {
        struct Vector: Decodable {
            let hex: String
            let fhir_decimal: String
        }

        let sfloat_le: [Vector]
        let float_le: [Vector]
        let special_sfloat: [String: String]
        let special_float: [String: String]
    }

    private func vectors() throws -> Vectors {
        try JSONDecoder().decode(Vectors.self, from: Data(try PayloadFixture.bytes("ble/floats.json")))
    }

    @Test("published vectors decode to the decimal text of FHIR, in both byte orders")
    func publishedVectors() throws {
        let vectors = try self.vectors()
        for vector in vectors.sfloat_le {
            let bytes = hex(vector.hex)
            #expect(BinaryField.sfloat(bytes[...], at: 0, .little)?.number?.description == vector.fhir_decimal)
            let reversed = Array(bytes.reversed())
            #expect(BinaryField.sfloat(reversed[...], at: 0, .big)?.number?.description == vector.fhir_decimal)
        }
        for vector in vectors.float_le {
            let bytes = hex(vector.hex)
            #expect(BinaryField.float11073(bytes[...], at: 0, .little)?.number?.description == vector.fhir_decimal)
            let reversed = Array(bytes.reversed())
            #expect(BinaryField.float11073(reversed[...], at: 0, .big)?.number?.description == vector.fhir_decimal)
        }
    }

    @Test("published special codes decode to FHIR reasons")
    func publishedSpecials() throws {
        let vectors = try self.vectors()
        for (code, reason) in vectors.special_sfloat {
            let raw = try #require(UInt16(code, radix: 16))
            #expect(IEEE11073Number(sfloat: raw) == PayloadTree.Absence(rawValue: reason).map { .absent($0) })
        }
        for (code, reason) in vectors.special_float {
            let raw = try #require(UInt32(code, radix: 16))
            #expect(IEEE11073Number(float: raw) == PayloadTree.Absence(rawValue: reason).map { .absent($0) })
        }
    }

    @Test(
        "the mantissa of a special code is a number when the exponent is not 0",
        arguments: [(0x17FF, "20470"), (0xF7FF, "204.7"), (0xF800, "-204.8"), (0x07FD, "2045"), (0x0803, "-2045")]
            as [(UInt16, String)]
    )
    func specialMantissaWithExponent(raw: UInt16, text: String) {
        #expect(IEEE11073Number(sfloat: raw).number?.description == text)
    }

    @Test("an exponent byte takes a FLOAT out of the special codes")
    func specialFloatMantissaWithExponent() {
        #expect(IEEE11073Number(float: 0xFF7F_FFFF).number?.description == "838860.7")
        #expect(IEEE11073Number(float: 0xFE00_0EB0).number?.description == "37.60")
        #expect(IEEE11073Number(float: 0xFF80_0000).number?.description == "-838860.8")
    }

    @Test("every SFLOAT but five is a number, within the type's range")
    func everyShortFloat() {
        var absent: [UInt16] = []
        for raw in UInt16.min...UInt16.max {
            switch IEEE11073Number(sfloat: raw) {
            case .absent: absent.append(raw)
            case .number(let number):
                let mantissa = Int(raw & 0x0FFF) - (raw & 0x0800 != 0 ? 4096 : 0)
                let exponent = Int(raw >> 12) - (raw & 0x8000 != 0 ? 16 : 0)
                #expect(number.isIdentical(to: ExactDecimal(significand: Int128(mantissa), exponent: exponent)))
            }
        }
        #expect(absent == [0x07FE, 0x07FF, 0x0800, 0x0801, 0x0802])
    }
}
