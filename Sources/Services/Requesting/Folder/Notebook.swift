internal import CanonicalBytes
internal import ChainReading
internal import Credentials
internal import Uplink

/// Notes in a share's folder how the steps of one scope stand.
struct Notebook {
    private let folder: ShareFolder
    private let scope: String

    init(_ folder: ShareFolder, _ entry: ShareRecord.Scope) {
        self.folder = folder
        self.scope = entry.scope
    }

    /// Notes a step, at a time in milliseconds since 1970.
    func note(_ step: ShareStep, _ state: StepNote.State, at time: UInt64) throws {
        var note = StepNote(step: step, state: state)
        note.time = time / 1_000
        try self.note(note)
    }

    func note(_ trouble: ShareTrouble, at time: UInt64) throws {
        var note = StepNote(step: trouble.step, state: trouble.isWaiting ? .waiting : .failed)
        note.code = trouble.code
        note.why = trouble.why
        note.advice = trouble.advice
        note.time = time / 1_000
        try self.note(note)
    }

    /// A step's failure that was noted with a refusal's word: trying again changes nothing.
    func verdict(at step: ShareStep) -> ShareTrouble? {
        let found = self.folder.notes(of: self.scope).first { $0.step == step && $0.state == .failed }
        guard let found, !found.code.isEmpty else { return nil }
        return ShareTrouble(step, isWaiting: false, code: found.code, found.why)
    }

    private func note(_ note: StepNote) throws {
        let known = self.folder.notes(of: self.scope)
        // A step that is done again and again is not written again.
        if note.state == .done, known.contains(where: { $0.step == note.step && $0.state == .done }) { return }
        let order = ShareStep.allCases
        let notes = (known.filter { $0.step != note.step } + [note])
            .sorted { order.firstIndex(of: $0.step) ?? 0 < order.firstIndex(of: $1.step) ?? 0 }
        try self.folder.write(notes, of: self.scope)
    }
}

extension ShareTrouble {
    /// What an error means at a step.
    ///
    /// - Throws: the error itself when it is about the folder, not about the share.
    init(_ error: any Error, at step: ShareStep) throws {
        switch error {
        case let trouble as ShareTrouble: self = trouble
        case is ShareFolderError, is CredentialsError, is CancellationError: throw error
        case let error as ChainSubmissionError:
            let name = error.code.map { RejectionMeaning.name($0) } ?? ""
            self.init(step, isWaiting: error.code == nil, code: name, "\(error)")
        case let error as ChainReadingError:
            let isWaiting = error.reason == .chainUnavailable
            self.init(step, isWaiting: isWaiting, code: error.reason.rawValue, error.detail)
        case let failure as UplinkFailure:
            if case .refused(let status, let code, let detail, _) = failure {
                let isVerdict = (400..<500).contains(status) && ![404, 408, 424, 429].contains(status)
                let isFinal = isVerdict || FinalRefusals.contains(code)
                self.init(step, isWaiting: !isFinal, code: code, detail.isEmpty ? "\(failure)" : detail)
            } else {
                self.init(step, isWaiting: true, "\(failure)")
            }
        default: self.init(step, isWaiting: error is ProtocolFailure ? false : true, "\(error)")
        }
    }
}
