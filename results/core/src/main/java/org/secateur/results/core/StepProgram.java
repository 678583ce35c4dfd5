package org.secateur.results.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A whole step of a network, lowered: the ordered workloads with the layer that each serves and the buffers that it
 * reads and writes. Executing the instructions in order is one training step (or one inference).
 */
public record StepProgram(String network, Kind kind, int batch, List<Instruction> instructions, List<Buffer> buffers) {

    /** What the program does once. */
    public enum Kind {
        TRAINING,
        INFERENCE
    }

    /** What a buffer holds. */
    public enum Role {
        INPUT,
        LABELS,
        ACTIVATION,
        PARAMETER,
        STATISTIC,
        GRADIENT,
        PARAMETER_GRADIENT,
        MOMENTUM
    }

    /**
     * A tensor of the program.
     *
     * @param name unique in the program, for example {@code layer1.0.conv1.weight}
     * @param shape its dimensions, outermost first
     */
    public record Buffer(String name, Role role, List<Integer> shape) {
        public Buffer {
            shape = List.copyOf(shape);
        }

        /** The number of elements. */
        public long elements() {
            return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
        }
    }

    /**
     * One launch.
     *
     * @param layer the layer it serves, for example {@code layer1.0.conv1}; {@code loss} and {@code optimizer} for
     *     those two
     * @param reads names of the buffers read
     * @param writes names of the buffers written
     */
    public record Instruction(String layer, Workload workload, List<String> reads, List<String> writes) {
        public Instruction {
            reads = List.copyOf(reads);
            writes = List.copyOf(writes);
        }
    }

    public StepProgram {
        instructions = List.copyOf(instructions);
        buffers = List.copyOf(buffers);
        if (batch < 1) {
            throw new IllegalArgumentException("batch " + batch + " must be at least 1");
        }
        Set<String> names = new HashSet<>();
        for (Buffer buffer : buffers) {
            if (!names.add(buffer.name())) {
                throw new IllegalArgumentException("buffer " + buffer.name() + " is declared twice");
            }
        }
        for (Instruction instruction : instructions) {
            for (String name : instruction.reads()) {
                requireDeclared(names, instruction, name);
            }
            for (String name : instruction.writes()) {
                requireDeclared(names, instruction, name);
            }
        }
    }

    private static void requireDeclared(Set<String> names, Instruction instruction, String name) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException(
                    "instruction of layer " + instruction.layer() + " uses undeclared buffer " + name);
        }
    }
}
