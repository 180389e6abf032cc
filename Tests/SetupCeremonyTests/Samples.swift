import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields

@testable import SetupCeremony

/// A small ceremony, honest up to the contribution that a test looks at.
struct SampleCeremony {
    let start: CeremonyStart
    var powers: PowersPhase
    private(set) var contributions: [[UInt8]] = []

    static let members = ["Hospital A", "Hospital B", "Hospital C"].map(CeremonyAuthor.member)
    static let beacon = CeremonyAuthor.beacon([1, 2, 3], doublings: 3)

    init(logarithm: Int = 3) throws {
        self.start = try CeremonyStart(label: "test", logarithm: logarithm)
        self.powers = PowersPhase(self.start)
    }

    mutating func contribute(_ authors: [CeremonyAuthor]) throws {
        for author in authors {
            let contribution = try self.powers.contribution(of: author)
            try self.powers.accept(contribution)
            self.contributions.append(contribution)
        }
    }

    /// A first phase of three members and the beacon, the same for all tests.
    static let complete = Result {
        var ceremony = try SampleCeremony()
        try ceremony.contribute(Self.members + [Self.beacon])
        return ceremony
    }

    /// `x³ + x + 5 = y` with y public, and a variable in no constraint.
    static let circuit: Circuit = {
        var builder = CircuitBuilder()
        let y = builder.publicInput()
        let x = builder.input()
        let unused = builder.input()
        let square = builder.product(x, x)
        let cube = builder.product(square, x)
        builder.enforceEqual(cube + x + Fr(5), y)
        _ = unused
        return builder.circuit()
    }()
}

extension G1Points {
    /// The points, one of them replaced.
    func replacing(_ index: Int, with point: G1Point) -> G1Points {
        G1Points((0..<self.count).map { $0 == index ? point : self[$0] })
    }
}

extension G2Points {
    /// The points, one of them replaced.
    func replacing(_ index: Int, with point: G2Point) -> G2Points {
        G2Points((0..<self.count).map { $0 == index ? point : self[$0] })
    }
}

extension CeremonyFault {
    /// Phase, place, author and code.
    var summary: String {
        "\(self.phase.rawValue) \(self.index) \(self.author?.description ?? "nobody") \(self.failure.code.rawValue)"
    }
}

/// The summary of the fault that a step ends with, nil for none.
func fault(_ step: () throws(CeremonyFault) -> Void) -> String? {
    do throws(CeremonyFault) { try step() } catch { return error.summary }
    return nil
}
