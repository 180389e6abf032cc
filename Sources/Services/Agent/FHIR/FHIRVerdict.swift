internal import Foundation

/// What a FHIR server says about one entry of a Bundle.
enum FHIRVerdict: Sendable, Equatable {
    /// It had none of it, and has it now.
    case created
    /// It had it already.
    case present
    /// It has the new version.
    case updated
    /// It will never take it; why, without any value of a patient.
    case refused(String)
    /// Not now.
    case again(String)

    /// Judges a status (FHIR R4, http.html).
    ///
    /// - Parameters:
    ///   - status: of HTTP.
    ///   - isUpdate: of a conditional update.
    init(status: Int, isUpdate: Bool) {
        switch status {
        case 200, 204: self = isUpdate ? .updated : .present
        case 201: self = .created
        // Several match: the server has it, more than once. A create needs nothing more; which one an update means, nobody knows.
        case 412 where !isUpdate: self = .present
        case 400, 410, 412, 413, 415, 422: self = .refused("HTTP \(status)")
        // What is left is the server's state or its configuration, and the next Observation would fare no better.
        default: self = .again("HTTP \(status)")
        }
    }
}

/// What came back for a Bundle.
enum FHIRAnswer: Sendable {
    /// Of each entry, in the order of the request.
    case entries([FHIRVerdict])
    /// The Bundle as a whole was not processed.
    case status(Int)
    /// No answer, or one that cannot be understood: what the server has done is open.
    case none(String)

    private struct Body: Decodable {
        struct Entry: Decodable {
            struct Response: Decodable { let status: String }
            let response: Response?
        }
        let resourceType: String
        let type: String?
        let entry: [Entry]?
    }

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - status: of HTTP.
    ///   - body: bounded by whoever received it.
    ///   - entries: of the request.
    init(status: Int, body: [UInt8], to entries: [FHIRSubmission.Entry]) {
        guard (200..<300).contains(status) else {
            self = .status(status)
            return
        }
        guard let bundle = try? JSONDecoder().decode(Body.self, from: Data(body)), bundle.resourceType == "Bundle",
            bundle.type == "batch-response" || bundle.type == "transaction-response",
            let answers = bundle.entry, answers.count == entries.count
        else {
            self = .none("the server's answer is no Bundle with one entry for each Observation")
            return
        }
        var verdicts: [FHIRVerdict] = []
        for (answer, entry) in zip(answers, entries) {
            // "201 Created": digits first.
            guard let code = answer.response.flatMap({ Int($0.status.prefix(3)) }) else {
                self = .none("the server's answer has an entry without a status")
                return
            }
            verdicts.append(FHIRVerdict(status: code, isUpdate: entry.isUpdate))
        }
        self = .entries(verdicts)
    }
}
