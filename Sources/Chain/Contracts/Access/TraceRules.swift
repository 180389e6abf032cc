internal import Certificates
internal import Ledger

/// Orders to name the holder of a pseudonym, and who followed them.
enum TraceRules {
    static var methods: [Method] { [Method(self.order), Method(self.answer)] }

    @Sendable private static func order(_ arguments: OrderTrace, _ call: ContractCall) throws(ContractFailure) {
        let authority = try call.party(in: [.tracingAuthority])
        let key = AccessKey.trace(arguments.order)
        try ensure(try call.value(of: key) == nil, .traceExists, "an order of this identifier is known")
        try call.store(TraceOrder(arguments, by: authority, at: call.block.time), at: key)
        try call.emit(TraceOrdered(arguments, by: authority))
    }

    @Sendable private static func answer(_ arguments: AnswerTrace, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: [.registrationAuthority, .pseudonymAuthority])
        let key = AccessKey.trace(arguments.order)
        guard var order = try call.record(TraceOrder.self, at: key) else {
            throw .rejected(.noSuchTrace, "no order of this identifier")
        }
        let isFirst = !order.answers.contains { $0.party == party }
        try ensure(isFirst, .traceAnsweredAlready, "the party has answered")
        let hasRoom = order.answers.count < TraceOrder.answersMax
        try ensure(hasRoom, .tooManyAnswers, "more than \(TraceOrder.answersMax) answers")
        order.add(TraceOrder.Answer(party: party, evidence: arguments.evidence, time: call.block.time))
        try call.store(order, at: key)
        try call.emit(
            TraceAnswered(
                order: arguments.order,
                certificate: order.arguments.certificate,
                evidence: arguments.evidence,
                party: party,
                isComplete: order.isComplete
            )
        )
    }
}
