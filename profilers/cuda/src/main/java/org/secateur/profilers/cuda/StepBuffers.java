package org.secateur.profilers.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.profilers.cuda.OperandShapes.Fill;
import org.secateur.profilers.cuda.OperandShapes.Shape;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Buffer;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.StepProgram.Role;

/**
 * The buffers of a step. Trained parameters lie side by side, those of one type in one piece of memory, and so do their
 * gradients and momenta, so that an optimizer step is two launches for each type. Parameters start as He et al. 2015
 * say (normal with variance 2 / inputs, scales 1, shifts 0), so that values stay in range.
 */
final class StepBuffers {
    /** Each parameter starts at a multiple of it, as memory of its own would. */
    private static final long ALIGNMENT = 256;

    private final Gpu gpu;
    private final Resources resources;
    private final Map<String, Buffer> declared = new HashMap<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<String, DeviceMemory> memories = new HashMap<>();
    private final Map<String, Integer> writers = new HashMap<>();
    private final Map<Instruction, List<Flat>> flats = new HashMap<>();
    private final Map<String, String> gradients = new HashMap<>();

    /** Parameters of one type, with gradients and momenta in the same order; the gaps between them stay zero. */
    record Flat(DataType type, long elements, DeviceMemory values, DeviceMemory gradients, DeviceMemory momenta) {}

    /** Makes and fills them; they belong to {@code resources}. */
    StepBuffers(Gpu gpu, Resources resources, StepProgram program, NormalPool pool) {
        this.gpu = gpu;
        this.resources = resources;
        program.buffers().forEach(buffer -> declared.put(buffer.name(), buffer));
        for (Instruction instruction : program.instructions()) {
            if (!(instruction.workload().operation() instanceof OptimizerStep)) {
                shape(instruction);
            }
        }
        for (Instruction instruction : program.instructions()) {
            if (instruction.workload().operation() instanceof OptimizerStep) {
                flatten(instruction);
            }
        }
        shapes.forEach((name, shape) -> {
            DeviceMemory memory =
                    memories.computeIfAbsent(name, n -> resources.add(new DeviceMemory(gpu, shape.bytes())));
            fill(name, memory, shape, pool);
        });
    }

    /** Batch norms whose input needs no gradient write none; it goes where nobody reads it. */
    private static boolean withoutInputGradient(Instruction instruction) {
        return instruction.workload().operation() instanceof BatchNorm
                && instruction.workload().pass() == Pass.BACKWARD
                && instruction.writes().size() == 2;
    }

    private void shape(Instruction instruction) {
        OperandShapes operands = OperandShapes.of(instruction);
        instruction.writes().forEach(name -> writers.merge(name, 1, Integer::sum));
        shape(instruction, instruction.reads(), operands.reads());
        List<Shape> writes = operands.writes();
        shape(
                instruction,
                instruction.writes(),
                withoutInputGradient(instruction) ? writes.subList(1, writes.size()) : writes);
    }

    private void shape(Instruction instruction, List<String> names, List<Shape> wanted) {
        if (names.size() < wanted.size()) {
            throw new IllegalArgumentException("layer " + instruction.layer() + ", "
                    + instruction.workload().text() + ": " + names + " are fewer buffers than the " + wanted.size()
                    + " that its kernel needs");
        }
        for (int i = 0; i < wanted.size(); i++) {
            Shape known = shapes.putIfAbsent(names.get(i), wanted.get(i));
            if (known != null && known.bytes() != wanted.get(i).bytes()) {
                throw new IllegalArgumentException("layer " + instruction.layer() + ", "
                        + instruction.workload().text() + ": buffer " + names.get(i) + " has " + known.bytes()
                        + " bytes, and its kernel needs " + wanted.get(i).bytes());
            }
        }
    }

    /** Reads are the parameters, then their gradients, then their momenta. */
    private void flatten(Instruction instruction) {
        int count = instruction.reads().size() / 3;
        Map<DataType, List<Integer>> places = new EnumMap<>(DataType.class);
        for (int i = 0; i < count; i++) {
            DataType type = required(instruction.reads().get(i)).type();
            places.computeIfAbsent(type, t -> new ArrayList<>()).add(i);
            gradients.put(instruction.reads().get(i), instruction.reads().get(count + i));
        }
        List<Flat> made = new ArrayList<>();
        places.forEach((type, members) -> {
            long bytes = 0;
            List<Long> offsets = new ArrayList<>();
            for (int i : members) {
                offsets.add(bytes);
                long own = required(instruction.reads().get(i)).bytes();
                bytes += Math.ceilDiv(own, ALIGNMENT) * ALIGNMENT;
            }
            List<DeviceMemory> wholes = new ArrayList<>();
            for (int kind = 0; kind < 3; kind++) {
                DeviceMemory whole = resources.add(new DeviceMemory(gpu, bytes));
                whole.clear();
                wholes.add(whole);
                for (int j = 0; j < members.size(); j++) {
                    int i = members.get(j);
                    long own = required(instruction.reads().get(i)).bytes();
                    memories.put(instruction.reads().get(kind * count + i), whole.part(offsets.get(j), own));
                }
            }
            made.add(new Flat(type, bytes / type.bytes(), wholes.get(0), wholes.get(1), wholes.get(2)));
        });
        flats.put(instruction, made);
    }

    private Shape required(String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("buffer " + name + " is updated, but no instruction uses it");
        }
        return shape;
    }

    private void fill(String name, DeviceMemory memory, Shape shape, NormalPool pool) {
        Buffer buffer = declared.get(name);
        Role role = buffer == null ? Role.ACTIVATION : buffer.role();
        switch (role) {
            case INPUT, LABELS -> pool.fill(memory, shape);
            case PARAMETER -> parameter(name, memory, shape, buffer == null ? List.of() : buffer.shape(), pool);
            case STATISTIC -> constant(memory, shape, name.endsWith("var") ? 1 : 0);
            case ACTIVATION, GRADIENT, PARAMETER_GRADIENT, MOMENTUM -> memory.clear();
        }
    }

    private void parameter(String name, DeviceMemory memory, Shape shape, List<Integer> sizes, NormalPool pool) {
        if (sizes.size() < 2) {
            constant(memory, shape, name.endsWith("weight") ? 1 : 0);
            return;
        }
        long inputs = shape.elements() / sizes.get(0);
        pool.fill(memory, new Shape(shape.type(), shape.elements(), 1, Fill.NORMAL));
        pool.scale(memory, shape.type(), shape.elements(), Math.sqrt(2.0 / inputs));
    }

    private static void constant(DeviceMemory memory, Shape shape, float value) {
        float[] values = new float[Math.toIntExact(shape.elements())];
        Arrays.fill(values, value);
        Numbers.write(memory, shape.type(), values);
    }

    /** The memory of a buffer. */
    DeviceMemory memory(String name) {
        DeviceMemory memory = memories.get(name);
        if (memory == null) {
            throw new IllegalArgumentException("no instruction uses a buffer " + name);
        }
        return memory;
    }

    /** The memory of an updated parameter's gradient. */
    DeviceMemory gradient(String parameter) {
        String name = gradients.get(parameter);
        if (name == null) {
            throw new IllegalArgumentException("no optimizer step updates a parameter " + parameter);
        }
        return memory(name);
    }

    /** What an instruction works on. */
    Operands operands(Instruction instruction) {
        OperandShapes wanted = OperandShapes.of(instruction);
        List<DeviceMemory> reads = instruction.reads().stream()
                .limit(wanted.reads().size())
                .map(this::memory)
                .toList();
        List<DeviceMemory> writes = new ArrayList<>();
        if (withoutInputGradient(instruction)) {
            writes.add(
                    resources.add(new DeviceMemory(gpu, wanted.writes().get(0).bytes())));
        }
        instruction.writes().stream()
                .limit(wanted.writes().size() - writes.size())
                .map(this::memory)
                .forEach(writes::add);
        return new Operands(reads, writes);
    }

    /** Whether several instructions write a buffer. */
    boolean isShared(String name) {
        return writers.getOrDefault(name, 0) > 1;
    }

    /** What the program's optimizer works on, for each type of parameters. */
    List<Flat> flats(Instruction instruction) {
        return flats.getOrDefault(instruction, List.of());
    }
}
