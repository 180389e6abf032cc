/// Patients who come, move and go, so that beds change hands while their monitors speak.
///
/// The same seed moves the same patients in the same order. Some beds are always free, for those who come next.
struct PatientFlow {
    /// One movement, as the hospital's system tells it.
    struct Move {
        /// A01 comes, A02 moves, A03 goes.
        let event: String
        let patient: Int
        /// The bed where the patient is now; for A03 the one that becomes free.
        let bed: Int
        /// The bed before; A02 only.
        let prior: Int?
    }

    /// By bed, from 1; nil for a free one.
    private var patients: [Int?]
    private var nextPatient: Int
    private var random: UInt64

    /// - Parameters:
    ///   - beds: how many there are.
    ///   - seed: of all movements.
    init(beds: Int, seed: UInt64) {
        patients = Array(repeating: nil, count: beds)
        random = seed
        nextPatient = 1
    }

    /// Fills three beds of four, as it is before the first reading.
    mutating func begin() -> [Move] {
        patients.indices.filter { $0 % 4 != 3 || patients.count < 4 }.map { admit(to: $0) }
    }

    /// The next movement; nil when there is no bed.
    mutating func next() -> Move? {
        let taken = patients.indices.filter { patients[$0] != nil }
        let free = patients.indices.filter { patients[$0] == nil }
        guard let from = choose(taken) else { return choose(free).map { admit(to: $0) } }
        guard let to = choose(free) else { return discharge(from) }
        switch draw(below: 4) {
        case 0: return admit(to: to)
        case 1: return discharge(from)
        default: return transfer(from, to: to)
        }
    }

    private mutating func admit(to bed: Int) -> Move {
        let patient = nextPatient
        nextPatient += 1
        patients[bed] = patient
        return Move(event: "A01", patient: patient, bed: bed + 1, prior: nil)
    }

    private mutating func discharge(_ bed: Int) -> Move? {
        guard let patient = patients[bed] else { return nil }
        patients[bed] = nil
        return Move(event: "A03", patient: patient, bed: bed + 1, prior: nil)
    }

    private mutating func transfer(_ from: Int, to bed: Int) -> Move? {
        guard let patient = patients[from] else { return nil }
        patients[from] = nil
        patients[bed] = patient
        return Move(event: "A02", patient: patient, bed: bed + 1, prior: from + 1)
    }

    private mutating func choose(_ beds: [Int]) -> Int? {
        beds.isEmpty ? nil : beds[draw(below: beds.count)]
    }

    /// A number from 0 to below a bound (SplitMix64).
    private mutating func draw(below bound: Int) -> Int {
        random &+= 0x9E37_79B9_7F4A_7C15
        var word = random
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ (word >> 31)) % UInt64(bound))
    }
}

extension PatientFlow.Move {
    /// An ADT message (HL7 v2.6, chapter 3), segments ended by CR.
    ///
    /// - Parameters:
    ///   - ward: as in the monitors' topics, so that bed names are equal.
    ///   - number: of the message, which makes MSH-10.
    ///   - time: when it happens.
    /// - Returns: the payload.
    func hl7(ward: String, number: Int, time: DeviceTime) -> [UInt8] {
        let now = time.hl7
        let priorPlace = prior.map { "\(ward)^^\($0)" } ?? ""
        let segments = [
            "MSH|^~\\&|WARDLINE-SIM|ADT|||\(now)||ADT^\(event)^ADT_\(event)|adt-\(number)|P|2.6",
            "EVN||\(now)",
            "PID|||\(recordNumber)^^^WARDLINE-SIM^MR",
            "PV1||I|\(ward)^^\(bed)|||\(priorPlace)",
        ]
        return Array(segments.map { $0 + "\r" }.joined().utf8)
    }

    /// The patient's record number.
    var recordNumber: String { "SIM-\(patient)" }
}
