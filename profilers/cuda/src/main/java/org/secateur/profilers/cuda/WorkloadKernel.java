package org.secateur.profilers.cuda;

import java.util.ArrayList;
import java.util.List;
import org.secateur.profilers.cuda.OperandShapes.Shape;
import org.secateur.results.core.Request;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/** One workload on a GPU, launched over sets of operands in rotation. */
final class WorkloadKernel implements Replayable {
    /** Launches of a graph at least: then enqueuing one takes the host less time than its launches take any GPU. */
    private static final int LEAST_LAUNCHES = 32;

    private final Gpu gpu;
    private final Resources resources = new Resources();
    private final List<Operands> operands = new ArrayList<>();
    private final List<Launch> sets = new ArrayList<>();
    private final Plan plan;
    private final Graph graph;
    private final int launchesPerReplay;
    private int next;

    /**
     * Prepares the sets, chooses the algorithm and launches each set once.
     *
     * @throws IllegalArgumentException when there is no kernel for the workload
     */
    WorkloadKernel(Gpu gpu, EventTimer timer, Workload workload, Request request, Rotation rotation, NormalPool pool) {
        this.gpu = gpu;
        try {
            OperandShapes shapes = OperandShapes.of(workload);
            Scratch scratch = resources.add(new Scratch(gpu));
            int count = rotation.setsOf(shapes.bytes());
            for (int i = 0; i < count; i++) {
                operands.add(new Operands(made(shapes.reads(), pool), made(shapes.writes(), pool)));
            }
            Planning planning =
                    new Planning(request, new Descriptors(gpu, resources), scratch, timer, new ConvolutionChoices());
            plan = Plans.of(workload, planning, operands.get(0));
            for (Operands set : operands) {
                plan.prepare(set);
                sets.add(plan.on(set));
            }
            sets.forEach(Launch::run);
            gpu.synchronize();
            int rounds = Math.ceilDiv(LEAST_LAUNCHES, count);
            launchesPerReplay = rounds * count;
            graph = resources.add(Graph.capture(gpu, () -> {
                for (int i = 0; i < rounds; i++) {
                    sets.forEach(Launch::run);
                }
            }));
            resources.add(gpu::synchronize); // nothing is released while it is in use
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private List<DeviceMemory> made(List<Shape> shapes, NormalPool pool) {
        List<DeviceMemory> made = new ArrayList<>();
        for (Shape shape : shapes) {
            DeviceMemory memory = resources.add(new DeviceMemory(gpu, shape.bytes()));
            pool.fill(memory, shape);
            made.add(memory);
        }
        return made;
    }

    @Override
    public void launch() {
        sets.get(next).run();
        next = (next + 1) % sets.size();
    }

    @Override
    public int launchesPerReplay() {
        return launchesPerReplay;
    }

    @Override
    public void replay() {
        graph.launch();
    }

    @Override
    public void synchronize() {
        gpu.synchronize();
    }

    @Override
    public Variant variant() {
        return plan.variant();
    }

    /** The sets of operands, in the order of their launches. */
    List<Operands> operands() {
        return operands;
    }

    @Override
    public void close() {
        resources.close();
    }
}
