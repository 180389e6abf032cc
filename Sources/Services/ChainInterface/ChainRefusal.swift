internal import Hummingbird
internal import Ledger
internal import SecureHTTP

/// Why a validator does not take a transaction or answer a question.
package enum ChainRefusal: Error, Hashable, Sendable {
    /// The bytes are no transaction.
    case malformed(String)
    /// Signature or certificate do not hold.
    case notVerified(code: String, String)
    /// It cannot stand in a block: a code of `AdmissionFailure`.
    case inadmissible(code: String)
    /// No room in the pool, for this signer or for anybody.
    case poolFull(code: String)
    /// The validator is starting, stopping, silent, or has too much to do.
    case notReady(String)
    /// The channel has no block yet, which nobody could certify.
    case noBlock
    /// The blocks below this height are gone here.
    case pruned(earliest: UInt64)
    /// The store cannot be read.
    case damaged(String)

    /// A stable word for programs.
    package var code: String {
        switch self {
        case .malformed: "malformed"
        case .notVerified(let code, _), .inadmissible(let code), .poolFull(let code): code
        case .notReady: "not-ready"
        case .noBlock: "no-block"
        case .pruned: "pruned"
        case .damaged: "store-damaged"
        }
    }
}

extension ChainRefusal {
    /// As HTTP says it.
    var problem: Problem {
        switch self {
        case .malformed(let detail): Problem(.badRequest, code: self.code, detail: detail)
        case .notVerified(_, let detail): Problem(.unprocessableContent, code: self.code, detail: detail)
        case .inadmissible(let code):
            Problem(Self.status(ofAdmission: code), code: code, detail: "the transaction cannot stand in a block")
        case .poolFull(let code):
            Self.later(.tooManyRequests, code, "the pool has no room for it; hand it in again later")
        // A channel that nobody has written to yet is no fault of the server, which a 5xx would tell its operator.
        case .noBlock: Self.later(.notFound, self.code, "the channel has no block yet; ask again later")
        case .notReady(let detail): Self.later(.serviceUnavailable, self.code, detail)
        case .pruned(let earliest):
            Problem(
                .gone,
                code: self.code,
                detail: "the blocks below \(earliest) are pruned here; ask another validator"
            )
        // The store's own words may name files.
        case .damaged: Problem(.internalServerError, code: self.code, detail: "the store cannot be read; see the log")
        }
    }

    private static func status(ofAdmission code: String) -> HTTPResponse.Status {
        if code.utf8.elementsEqual(AdmissionFailure.replayed.code.utf8) { return .conflict }
        return code.utf8.elementsEqual(AdmissionFailure.revoked.code.utf8) ? .forbidden : .unprocessableContent
    }

    private static func later(_ status: HTTPResponse.Status, _ code: String, _ detail: String) -> Problem {
        var problem = Problem(status, code: code, detail: detail)
        problem.headers[.retryAfter] = "1"
        return problem
    }
}
