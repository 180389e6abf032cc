import Testing
import Units

@testable import DeviceProfiles

@Suite struct ReferenceTermsTests {
    @Test func everyLOINCCodeHasTheRightCheckDigitAndAUnit() {
        for term in ReferenceTerms.loinc {
            #expect(isLOINC(term.code), "\(term.code)")
            #expect(throws: Never.self) { try UCUMUnit(term.unit) }
        }
    }

    @Test func everyMDCUnitIsUCUM() {
        for term in ReferenceTerms.mdc {
            guard let unit = term.unit else { continue }
            #expect(throws: Never.self) { try UCUMUnit(unit) }
        }
    }

    /// Two tables that say different things of one code would make the check depend on which is asked.
    @Test func noTermStandsInTheCatalogueAsWell() {
        for term in ReferenceTerms.mdc {
            #expect(ConceptCatalogue.standard.entry(mdc: String(term.number)) == nil, "\(term.number)")
            #expect(ConceptCatalogue.standard.entry(term.refID) == nil, "\(term.refID)")
        }
        let catalogue = ConceptRow.all.flatMap { $0.loinc.map(\.code) }
        for term in ReferenceTerms.loinc { #expect(!catalogue.contains(term.code), "\(term.code)") }
    }

    @Test func aRefIDIsFoundBothWays() {
        #expect(ReferenceTerms.refID("147842") == "MDC_ECG_HEART_RATE")
        #expect(ReferenceTerms.number(refID: "MDC_ECG_HEART_RATE") == "147842")
        #expect(ReferenceTerms.refID("184508") == "MDC_PUMP_STAT")
        #expect(ReferenceTerms.number(refID: "MDC_PUMP_STAT") == "184508")
        #expect(ReferenceTerms.refID("1") == nil)
    }
}
