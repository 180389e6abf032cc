import Testing

@testable import Agent

/// What `wardline top` knows of a bed.
struct BedBoardTests {
    private static func observation(
        _ loinc: String,
        _ value: String,
        at minute: Int,
        patient: String = "urn:wardline:unassociated"
    ) -> String {
        """
        {"resourceType":"Observation","code":{"coding":[{"system":"http://loinc.org","code":"\(loinc)"}]},\
        "subject":{"identifier":{"system":"\(patient)","value":"p1"}},\
        "effectiveDateTime":"2026-11-21T06:\(minute < 10 ? "0" : "")\(minute):00Z",\
        "device":{"identifier":{"system":"urn:wardline:device","value":"M1"}},\(value)}

        """
    }

    private static func quantity(_ number: Double) -> String { "\"valueQuantity\":{\"value\":\(number)}" }

    @Test func aDeviceWithoutAnAssociationStandsInParentheses() throws {
        var board = BedBoard()
        board.take(Array(Self.observation("8867-4", Self.quantity(71), at: 1).utf8))
        #expect(board.rows.map(\.name) == ["(M1)"])
        #expect(board.rows[0].cells[.heartRate]?.text == "71")
    }

    @Test func anAssociatedPatientGivesTheBedAndIsNotNamed() throws {
        var board = BedBoard()
        board.use(beds: [("p1", "7/3")])
        board.take(Array(Self.observation("8310-5", Self.quantity(36.64), at: 1, patient: "urn:wardline:patient").utf8))
        #expect(board.rows.map(\.name) == ["7/3"])
        #expect(board.rows[0].cells[.temperature]?.text == "36.6")
    }

    @Test func trendsKeepTheLastValuesAndPassLateOnesOver() throws {
        var board = BedBoard()
        for minute in 1...10 {
            board.take(Array(Self.observation("8867-4", Self.quantity(Double(60 + minute)), at: minute).utf8))
        }
        board.take(Array(Self.observation("8867-4", Self.quantity(200), at: 5).utf8))
        let cell = try #require(board.rows[0].cells[.heartRate])
        #expect(cell.text == "70")
        #expect(cell.trend == [63, 64, 65, 66, 67, 68, 69, 70])
        #expect(board.rows[0].observations == 11)
    }

    @Test func pressuresAreOneCell() throws {
        let components = """
            "component":[{"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":121}},\
            {"code":{"coding":[{"code":"8462-4"}]},"dataAbsentReason":{}}]
            """
        var board = BedBoard()
        board.take(Array(Self.observation("85354-9", components, at: 1).utf8))
        #expect(board.rows[0].cells[.pressure]?.text == "121/-")
    }

    @Test(arguments: [([], ""), ([5, 5], "▄▄"), ([1, 2, 3], "▁▅█"), ([8, 1], "█▁")] as [([Double], String)])
    func sparklinesGoFromLowestToHighest(values: [Double], line: String) {
        #expect(BedBoard.sparkline(values) == line)
    }

    @Test(arguments: ["", "{", "[]\n{}\n", "{\"code\":{}}\n"])
    func linesThatAreNoObservationsHarmNothing(text: String) {
        var board = BedBoard()
        board.take(Array(text.utf8))
        #expect(board.rows.allSatisfy { $0.cells.isEmpty })
    }
}
