internal import Payloads
internal import Units

extension Function {
    /// Calls the function; the parser has checked the number of arguments.
    func evaluate(_ arguments: [Syntax], _ scope: EvaluationScope, _ budget: inout WorkBudget) -> Value {
        switch self {
        case .coalesce: return Self.coalesce(arguments, scope, &budget)
        case .exists: return .bool(Self.exists(arguments[0], scope, &budget))
        case .oneof: return Self.oneOf(arguments, scope, &budget)
        case .count: return Self.count(arguments[0], scope, &budget)
        case .joined: return Self.joined(arguments[0], arguments[1], scope, &budget)
        case .minimum, .maximum: return self.extreme(arguments, scope, &budget)
        default: return self.apply(arguments.map { $0.evaluate(scope, &budget) }, scope.tree)
        }
    }

    /// The functions that need all their arguments: an unavailable one makes the result unavailable.
    private func apply(_ values: [Value], _ tree: PayloadTree) -> Value {
        for case .unavailable(let reason) in values { return .unavailable(reason) }
        switch self {
        case .round, .abs, .bits, .bit: return self.applyNumeric(values)
        case .number, .text: return self.convert(values[0], tree)
        case .u8, .i8, .u16le, .u16be, .i16le, .i16be, .u24le, .u24be, .u32le, .u32be, .i32le, .i32be, .f32le, .f32be,
            .sfloat, .float, .bitat, .hex:
            return self.applyBinary(values, tree)
        default: return self.applyText(values)
        }
    }

    /// The first value that is there; failing that, the first unavailable one, so that its reason is kept.
    private static func coalesce(
        _ arguments: [Syntax],
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> Value {
        var unavailable: Value?
        for argument in arguments {
            let value = argument.evaluate(scope, &budget)
            if case .unavailable = value {
                unavailable = unavailable ?? value
            } else if !value.isMissing {
                return value
            }
        }
        return unavailable ?? .absent
    }

    /// Whether there is a value at all; null and unavailable values are there.
    private static func exists(
        _ argument: Syntax,
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> Bool {
        if case .path(let path) = argument { return path.query.firstNode(scope, &budget) != nil }
        return argument.evaluate(scope, &budget) != .absent
    }

    private static func oneOf(
        _ arguments: [Syntax],
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> Value {
        let wanted = arguments[0].evaluate(scope, &budget)
        if wanted == .absent { return .absent }
        let comparand = wanted.comparand(in: scope.tree)
        for argument in arguments.dropFirst() {
            let candidate = argument.evaluate(scope, &budget).comparand(in: scope.tree)
            if scope.tree.areEqual(comparand, candidate, &budget) { return .bool(true) }
        }
        return .bool(false)
    }

    private static func nodes(
        _ argument: Syntax,
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> [PayloadTree.NodeID]? {
        guard case .path(let path) = argument else { return nil }
        return path.query.allNodes(scope, &budget)
    }

    private static func count(_ argument: Syntax, _ scope: EvaluationScope, _ budget: inout WorkBudget) -> Value {
        self.nodes(argument, scope, &budget).map { .number(ExactDecimal($0.count)) } ?? .absent
    }

    /// The texts of all results that have one, with a separator between them.
    private static func joined(
        _ argument: Syntax,
        _ separator: Syntax,
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> Value {
        guard let nodes = self.nodes(argument, scope, &budget),
            let separator = separator.evaluate(scope, &budget).textual
        else { return .absent }
        var text: String?
        for node in nodes {
            guard let part = scope.tree.value(of: node).textual else { continue }
            text = text.map { $0 + separator + part } ?? part
            guard text?.utf8.count ?? 0 <= ExpressionBounds.resultTextMax else { return .absent }
        }
        return text.map(Value.text) ?? .absent
    }

    /// The smallest or largest number; a path contributes all its results.
    private func extreme(
        _ arguments: [Syntax],
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> Value {
        var best: ExactDecimal?
        for argument in arguments {
            let values: [Value]
            if case .path(let path) = argument, !path.isSingular {
                guard let nodes = path.query.allNodes(scope, &budget) else { return .absent }
                values = nodes.map { scope.tree.value(of: $0) }
            } else {
                values = [argument.evaluate(scope, &budget)]
            }
            for value in values {
                guard case .number(let number) = value else { return value.failure }
                let isBetter = best.map { self == .minimum ? number < $0 : $0 < number } ?? true
                if isBetter { best = number }
            }
        }
        return best.map(Value.number) ?? .absent
    }
}

// MARK: - Numbers

extension Function {
    private func applyNumeric(_ values: [Value]) -> Value {
        guard case .number(let number) = values[0] else { return .absent }
        switch self {
        case .abs: return .number(number.magnitude)
        case .round: return Self.round(number, values.count > 1 ? values[1] : .number(.zero))
        case .bit: return Self.bits(number, values[1].wholeNumber, 1)
        default: return Self.bits(number, values[1].wholeNumber, values[2].wholeNumber)
        }
    }

    /// Rounds half to even to a number of digits after the point; negative ones round to tens, hundreds, ….
    private static func round(_ number: ExactDecimal, _ digits: Value) -> Value {
        guard let digits = digits.wholeNumber, -ExactDecimal.maximumDigits...ExactDecimal.maximumDigits ~= digits else {
            return .absent
        }
        return .number(number.rounded(toExponent: -digits))
    }

    /// `count` bits from bit `low` upwards (0 is the least significant) of a whole number's two's complement.
    private static func bits(_ number: ExactDecimal, _ low: Int?, _ count: Int?) -> Value {
        guard let whole = number.integer, let low, let count, 0...63 ~= low, 1...63 ~= count, low + count <= 64 else {
            return .absent
        }
        return .number(ExactDecimal(whole >> low & (1 << count - 1)))
    }

    private func convert(_ value: Value, _ tree: PayloadTree) -> Value {
        if self == .number { return value.numeric.map(Value.number) ?? .absent }
        if case .node(let node) = value {
            guard let bytes = value.bytes(in: tree), let text = String(validating: bytes, as: UTF8.self),
                tree.kind(node) == .bytes, bytes.count <= ExpressionBounds.resultTextMax
            else { return .absent }
            return .text(text)
        }
        return value.textual.map(Value.text) ?? .absent
    }
}

extension Value {
    var wholeNumber: Int? {
        if case .number(let number) = self { return number.integer }
        return nil
    }

    /// The bytes of a byte string; nil for all others.
    func bytes(in tree: PayloadTree) -> ArraySlice<UInt8>? {
        guard case .node(let node) = self, !tree.isEmpty, tree.kind(node) == .bytes else { return nil }
        return tree.bytes(node)
    }
}
