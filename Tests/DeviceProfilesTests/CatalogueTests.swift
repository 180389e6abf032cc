import Records
import Testing
import Units

@testable import DeviceProfiles

@Suite struct CatalogueTests {
    @Test func everyLOINCCodeHasTheRightCheckDigit() {
        for row in ConceptRow.all {
            for loinc in row.loinc { #expect(isLOINC(loinc.code), "\(row.key): \(loinc.code)") }
        }
    }

    @Test(arguments: ["8867-5", "8867", "-4", "88674", "8867-44", "a867-4", "12345678-1", ""])
    func wrongLOINCCodesAreRecognised(code: String) { #expect(!isLOINC(code)) }

    @Test func everyUnitIsUCUM() throws {
        for row in ConceptRow.all {
            if let unit = row.unit { #expect(throws: Never.self) { try UCUMUnit(unit) } }
            #expect(row.unit == nil || ConceptCatalogue.standard.entry(row.key)?.concept.unit != nil)
        }
    }

    @Test func everyMDCTermNamesAConcept() {
        for term in MDCTerm.all {
            #expect(ConceptCatalogue.standard.entry(mdc: String(term.number))?.refID == term.refID)
        }
    }

    /// 0002-4bb8 in Philips' notation is partition 2, term 0x4bb8.
    @Test func anMDCNumberIsPartitionTimes65536PlusTerm() {
        #expect(ConceptCatalogue.standard.entry(mdc: String(2 * 65_536 + 0x4bb8))?.refID == "MDC_PULS_OXIM_SAT_O2")
    }

    @Test func shortenedRefIDsAreFound() {
        #expect(ConceptCatalogue.standard.entry(refID: "NONINV_SYS")?.concept.key == "systolic-blood-pressure")
    }
}
