package org.secateur.profilers.cuda;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;

/**
 * What a launch of a workload reads and writes, in the order in which a lowered step names its buffers. The parameters,
 * statistics and gradients of a batch norm are FP32 whatever the workload's type, as cuDNN wants them; labels are
 * one-hot vectors; an optimizer step works on flat parameters, gradients and momenta.
 */
record OperandShapes(List<Shape> reads, List<Shape> writes) {
    /** What a buffer is filled with before it is first used. */
    enum Fill {
        /** Standard normal values. */
        NORMAL,
        /** Squares of standard normal values, plus a tenth: variances. */
        POSITIVE,
        /** Rows with a single one each. */
        ONE_HOT,
        /** Zeros, for what a launch writes in part or not at all. */
        ZERO
    }

    /**
     * A buffer.
     *
     * @param row elements of one row, where rows matter
     */
    record Shape(DataType type, long elements, int row, Fill fill) {
        long bytes() {
            return elements * type.bytes();
        }
    }

    OperandShapes {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
    }

    /** Bytes of one set. */
    long bytes() {
        return Stream.concat(reads.stream(), writes.stream())
                .mapToLong(Shape::bytes)
                .sum();
    }

    /** Of a workload that stands alone: linear layers have a bias, convolutions have none. */
    static OperandShapes of(Workload workload) {
        return of(workload, workload.operation() instanceof Linear);
    }

    /** Of an instruction, whose buffers tell whether there is a bias. */
    static OperandShapes of(Instruction instruction) {
        return of(
                instruction.workload(),
                instruction.reads().size() > 2 || instruction.writes().size() > 1);
    }

    private static OperandShapes of(Workload workload, boolean biased) {
        Builder builder = new Builder(workload.dataType(), workload.pass(), biased);
        return switch (workload.operation()) {
            case Convolution o -> builder.convolution(o);
            case Linear o -> builder.linear(o);
            case BatchNorm o -> builder.batchNorm(o);
            case Operation.Activation o -> builder.activation(o);
            case Pooling o -> builder.pooling(o);
            case Add o -> builder.add(o);
            case Operation.Concat o -> builder.concat(o);
            case Operation.IndexMap o -> builder.indexMap(o);
            case Operation.Pad o -> builder.pad(o);
            case Operation.SoftmaxLoss o -> builder.softmaxLoss(o);
            case Operation.OptimizerStep o -> builder.optimizerStep(o);
        };
    }

    private record Builder(DataType type, Pass pass, boolean biased) {
        private Shape image(int n, int c, int h, int w) {
            return normal((long) n * c * h * w);
        }

        private Shape normal(long elements) {
            return new Shape(type, elements, 1, Fill.NORMAL);
        }

        private Shape zero(long elements) {
            return new Shape(type, elements, 1, Fill.ZERO);
        }

        private static Shape perChannel(int channels, Fill fill) {
            return new Shape(DataType.F32, channels, 1, fill);
        }

        OperandShapes convolution(Convolution o) {
            Shape x = image(o.n(), o.c(), o.h(), o.w());
            Shape w = normal((long) o.k() * (o.c() / o.groups()) * o.r() * o.s());
            Shape y = image(o.n(), o.k(), o.outputHeight(), o.outputWidth());
            return weighted(x, w, y, o.k());
        }

        private OperandShapes weighted(Shape x, Shape w, Shape y, int outputs) {
            List<Shape> bias = biased ? List.of(normal(outputs)) : List.of();
            return switch (pass) {
                case FORWARD -> new OperandShapes(joined(List.of(x, w), bias), List.of(y));
                case BACKWARD_DATA -> new OperandShapes(List.of(y, w), List.of(x));
                default -> new OperandShapes(List.of(x, y), joined(List.of(w), bias));
            };
        }

        private static List<Shape> joined(List<Shape> first, List<Shape> then) {
            return Stream.concat(first.stream(), then.stream()).toList();
        }

        OperandShapes linear(Linear o) {
            Shape x = normal((long) o.n() * o.in());
            Shape w = normal((long) o.in() * o.out());
            Shape y = normal((long) o.n() * o.out());
            return weighted(x, w, y, o.out());
        }

        OperandShapes batchNorm(BatchNorm o) {
            Shape x = image(o.n(), o.c(), o.h(), o.w());
            Shape normal = perChannel(o.c(), Fill.NORMAL);
            Shape variance = perChannel(o.c(), Fill.POSITIVE);
            if (pass == Pass.BACKWARD) {
                return new OperandShapes(List.of(x, x, normal, normal, variance), List.of(x, normal, normal));
            }
            List<Shape> reads = List.of(x, normal, normal, normal, variance);
            return o.training()
                    ? new OperandShapes(reads, List.of(x, normal, normal))
                    : new OperandShapes(reads, List.of(x));
        }

        OperandShapes activation(Operation.Activation o) {
            Shape x = image(o.n(), o.c(), o.h(), o.w());
            return new OperandShapes(pass == Pass.FORWARD ? List.of(x) : List.of(x, x), List.of(x));
        }

        OperandShapes pooling(Pooling o) {
            Shape x = image(o.n(), o.c(), o.h(), o.w());
            Shape y = image(o.n(), o.c(), o.outputHeight(), o.outputWidth());
            return pass == Pass.FORWARD
                    ? new OperandShapes(List.of(x), List.of(y))
                    : new OperandShapes(List.of(x, y, y), List.of(x));
        }

        OperandShapes add(Add o) {
            Shape x = image(o.n(), o.c(), o.h(), o.w());
            Shape y = switch (o.operand()) {
                case TENSOR -> x;
                case CHANNEL -> normal(o.c());
                case MAP -> image(1, o.c(), o.h(), o.w());
            };
            return new OperandShapes(List.of(x, y), List.of(x));
        }

        OperandShapes concat(Operation.Concat o) {
            List<Shape> parts = o.channels().stream()
                    .map(c -> image(o.n(), c, o.h(), o.w()))
                    .toList();
            int channels = o.channels().stream().mapToInt(Integer::intValue).sum();
            List<Shape> whole = List.of(image(o.n(), channels, o.h(), o.w()));
            return pass == Pass.FORWARD ? new OperandShapes(parts, whole) : new OperandShapes(whole, parts);
        }

        /** What no channel maps to, and the pixels between, stay zero: launches do not write them. */
        OperandShapes indexMap(Operation.IndexMap o) {
            long x = (long) o.n() * o.c() * o.h() * o.w();
            long y = (long) o.n() * o.k() * o.outputHeight() * o.outputWidth();
            return pass == Pass.FORWARD
                    ? new OperandShapes(List.of(normal(x)), List.of(zero(y)))
                    : new OperandShapes(List.of(normal(y)), List.of(zero(x)));
        }

        /** What is padded stays zero: launches do not write it. */
        OperandShapes pad(Operation.Pad o) {
            Shape x = image(o.n(), o.c(), o.h(), o.w());
            long y = (long) o.n() * o.c() * o.outputHeight() * o.outputWidth();
            return pass == Pass.FORWARD
                    ? new OperandShapes(List.of(x), List.of(zero(y)))
                    : new OperandShapes(List.of(normal(y)), List.of(x));
        }

        OperandShapes softmaxLoss(Operation.SoftmaxLoss o) {
            Shape logits = normal((long) o.n() * o.classes());
            Shape labels = new Shape(type, logits.elements(), o.classes(), Fill.ONE_HOT);
            return pass == Pass.FORWARD
                    ? new OperandShapes(List.of(logits, labels), List.of(normal(1), logits))
                    : new OperandShapes(List.of(logits, labels), List.of(logits));
        }

        OperandShapes optimizerStep(Operation.OptimizerStep o) {
            List<Shape> flat =
                    IntStream.range(0, 3).mapToObj(i -> normal(o.parameters())).toList();
            return new OperandShapes(flat, List.of());
        }
    }
}
