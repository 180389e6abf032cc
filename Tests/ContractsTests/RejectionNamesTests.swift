import Contracts
import Ledger
import Testing

@Suite struct RejectionNamesTests {
    @Test("Every number has one name, and the table is in their order")
    func table() {
        let numbers = RejectionCode.all.map(\.number)
        #expect(numbers == Set(numbers).sorted())
        #expect(RejectionCode.name(RejectionCode.consentRequired.number) == "consent-required")
        #expect(RejectionCode.name(65_000) == nil)
        #expect(RejectionCode.text(307) == "consent-required (307)" && RejectionCode.text(65_000) == "code 65000")
    }
}
