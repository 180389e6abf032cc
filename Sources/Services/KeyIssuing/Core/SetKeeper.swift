internal import CanonicalBytes
internal import Credentials
package import IdentityEncryption
internal import SecretSharing

/// One set of parameters at one of its parties: the share, and how far setup and refreshes have come.
///
/// Everything is on the disk before it is said.
package actor SetKeeper {
    /// Parameters in force with the own share.
    struct Installed: Sendable {
        let file: ParametersFile
        let joint: JointParameters
        let share: SecretFr
    }

    /// The refresh that this party is ready for: it comes into force when all are.
    struct Prepared: Sendable {
        let refresh: SignedRefresh
        let joint: JointParameters
        let share: SecretFr
    }

    /// Where a set stands.
    package struct Status: Sendable, Hashable {
        package let stage: String
        package let round: UInt64?
        package let key: [UInt8]?
        package let isRefreshing: Bool
    }

    package nonisolated let plan: IssuingPlan
    package nonisolated let place: UInt8
    nonisolated let context: PartyContext
    nonisolated let folder: SetFolder
    var installed: Installed?
    var prepared: Prepared?
    /// When a factor that this party made for another one came into force, seconds since 1970.
    var lastGift: [UInt8: UInt64] = [:]

    /// Opens the set's folder, and finishes what a crash interrupted.
    ///
    /// - Throws: when files are missing, damaged, or of other parties.
    init(_ directory: String, _ plan: IssuingPlan, place: UInt8, key: SealingKey, context: PartyContext) throws {
        self.plan = plan
        self.place = place
        self.context = context
        self.folder = try SetFolder(directory, plan, place: place, key: key)
        guard let bytes = try self.folder.read(.parameters) else { return }
        let installed = try Self.open(ParametersFile(bytes: bytes), in: self.folder, place, context)
        self.installed = installed
        let round = installed.file.round
        self.folder.eraseShares(before: round)
        guard let refresh = try self.folder.readyRefresh() else { return }
        guard try SignedRefresh.pair(refresh.give).round > round else {
            // It is in force: the crash came between that and the clearing up.
            self.folder.forgetRefreshes()
            return
        }
        let joint = try refresh.apply(
            to: installed.joint,
            round: round + 1,
            plan: plan,
            issuer: context.issuer,
            at: nil
        )
        let share = try Self.share(round + 1, of: joint, in: self.folder, place)
        self.prepared = Prepared(refresh: refresh, joint: joint, share: share)
    }

    package var status: Status {
        get throws {
            guard let installed = self.installed else {
                return Status(stage: try self.setupStage, round: nil, key: nil, isRefreshing: false)
            }
            return Status(
                stage: "complete",
                round: installed.file.round,
                key: installed.file.parameters.digest,
                isRefreshing: self.prepared != nil
            )
        }
    }

    /// The complete parameters, "WLY1".
    package var parameters: ParametersFile? { self.installed?.file }

    /// What issues with the shares of a round.
    ///
    /// While a refresh waits to be finished both rounds are served, so that no request falls between two parties.
    ///
    /// - Throws: ``IssuingRefusal``.
    func party(round: UInt64) throws(IssuingRefusal) -> IssuingParty {
        guard let installed = self.installed else { throw .refused(.notSetUp, "the joint setup is not complete") }
        let current = installed.file.round
        if round == current {
            return IssuingParty(place: self.place, share: installed.share, parties: installed.joint.parties)
        }
        if let prepared = self.prepared, round == current + 1 {
            return IssuingParty(place: self.place, share: prepared.share, parties: prepared.joint.parties)
        }
        throw .refused(
            .anotherRound,
            "shares of round \(current) are in use, not of round \(round); fetch the parameters anew"
        )
    }

    // MARK: - Details

    private var setupStage: String {
        get throws {
            if try self.folder.read(.endorsement) != nil { return "endorsed" }
            if try self.folder.read(.step) != nil { return "stepped" }
            return try self.folder.read(.commitment) == nil ? "new" : "committed"
        }
    }

    static func open(
        _ file: ParametersFile,
        in folder: SetFolder,
        _ place: UInt8,
        _ context: PartyContext
    ) throws -> Installed {
        let joint = try file.verify(issuer: context.issuer)
        return Installed(file: file, joint: joint, share: try Self.share(file.round, of: joint, in: folder, place))
    }

    /// The own share of a round, which must be the one behind the party's point.
    static func share(
        _ round: UInt64,
        of joint: JointParameters,
        in folder: SetFolder,
        _ place: UInt8
    ) throws -> SecretFr {
        guard let share = try folder.share(round) else {
            throw CredentialsError.malformed("\(folder.path)/share.\(round) is missing; restore it from your copy")
        }
        try IssuingParty(place: place, share: share, parties: joint.parties).requireOwnPoint()
        return share
    }
}
