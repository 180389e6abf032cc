import Testing

@testable import Validator

@Suite("Values that came lately")
struct BoundedHistoryTests {
    @Test("The oldest go when there are too many or they are too large together")
    func bounds() {
        var history = BoundedHistory<Int, String>(countMax: 3, bytesMax: 100)
        for key in 1...3 { #expect(history.insert("v\(key)", for: key, bytes: 10).isEmpty) }
        #expect(history.insert("v4", for: 4, bytes: 10) == [1])
        #expect(history.bytes == 30)
        // 3 and 4 have 20 bytes: with 90 more one of them has to go, too.
        #expect(history.insert("v5", for: 5, bytes: 90) == [2, 3])
        #expect(history[3] == nil)
        #expect(history[4] == "v4")
        #expect(history[5] == "v5")
        #expect(history.bytes == 100)
        #expect(history.insert("v6", for: 6, bytes: 101) == [4, 5, 6])
        #expect(history.count == 0)
        #expect(history.bytes == 0)
    }

    @Test("A value that is there already stays as it is")
    func repeated() {
        var history = BoundedHistory<Int, String>(countMax: 2, bytesMax: 100)
        history.insert("first", for: 1, bytes: 10)
        #expect(history.insert("second", for: 1, bytes: 50).isEmpty)
        #expect(history[1] == "first")
        #expect(history.bytes == 10)
    }

    @Test("What was removed and came again is as young as it came again")
    func again() {
        var history = BoundedHistory<Int, String>(countMax: 2, bytesMax: 100)
        history.insert("old", for: 0, bytes: 1)
        history.insert("a", for: 1, bytes: 1)
        history.remove(1)
        history.insert("b", for: 1, bytes: 1)
        #expect(history.insert("c", for: 2, bytes: 1) == [0])
        #expect(history[1] == "b")
        #expect(history.insert("d", for: 3, bytes: 1) == [1])
    }

    @Test("Removed values leave their places, whatever is kept before them")
    func places() {
        var history = BoundedHistory<Int, Int>(countMax: 1_000_000, bytesMax: .max)
        history.insert(0, for: 0, bytes: 1)
        for key in 1...10_000 {
            history.insert(key, for: key, bytes: 1)
            history.remove(key)
            #expect(history.placeCount <= 2 * history.count + 65)
        }
        #expect(history.count == 1)
        #expect(history[0] == 0)
        #expect(history.bytes == 1)
    }
}
