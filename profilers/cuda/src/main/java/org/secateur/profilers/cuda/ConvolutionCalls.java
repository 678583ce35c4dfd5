package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardData;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardFilter;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.JCudnn.cudnnFindConvolutionBackwardDataAlgorithmEx;
import static jcuda.jcudnn.JCudnn.cudnnFindConvolutionBackwardFilterAlgorithmEx;
import static jcuda.jcudnn.JCudnn.cudnnFindConvolutionForwardAlgorithmEx;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardWorkspaceSize;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnStatus;
import org.secateur.results.core.Pass;

/** cuDNN's functions for one pass of a convolution. Operands are in the order of {@link OperandShapes}. */
final class ConvolutionCalls {
    /** More than there are, each with two kinds of arithmetic. */
    private static final int MOST = 32;

    private final Gpu gpu;
    private final Pass pass;
    private final ConvolutionShapes shapes;
    private final int mathType;

    ConvolutionCalls(Gpu gpu, Pass pass, ConvolutionShapes shapes, int mathType) {
        this.gpu = gpu;
        this.pass = pass;
        this.shapes = shapes;
        this.mathType = mathType;
    }

    /**
     * The algorithms that cuDNN's search could run, in the order of their numbers. The search overwrites what the pass
     * writes.
     */
    List<ConvolutionAlgorithm> algorithms(Operands o, DeviceMemory workspace) {
        Map<Integer, Boolean> deterministic = new TreeMap<>();
        for (Found found : search(o, workspace)) {
            if (found.status() == cudnnStatus.CUDNN_STATUS_SUCCESS) {
                boolean each = found.determinism() == cudnnDeterminism.CUDNN_DETERMINISTIC;
                deterministic.merge(found.number(), each, Boolean::logicalAnd);
            }
        }
        return deterministic.entrySet().stream()
                .flatMap(entry -> workspaceBytes(entry.getKey()).stream()
                        .map(bytes -> new ConvolutionAlgorithm(
                                entry.getKey(), name(entry.getKey()), mathType, bytes, entry.getValue())))
                .toList();
    }

    /** An algorithm by its number, and what the search said of it. */
    private record Found(int number, int status, int determinism) {}

    private List<Found> search(Operands o, DeviceMemory workspace) {
        int[] count = new int[1];
        switch (pass) {
            case FORWARD -> {
                cudnnConvolutionFwdAlgoPerf[] found = new cudnnConvolutionFwdAlgoPerf[MOST];
                gpu.checkCudnn(
                        cudnnFindConvolutionForwardAlgorithmEx(
                                gpu.cudnn(),
                                shapes.x(),
                                o.read(0).pointer(),
                                shapes.w(),
                                o.read(1).pointer(),
                                shapes.convolution(),
                                shapes.y(),
                                o.written(0).pointer(),
                                MOST,
                                count,
                                found,
                                workspace.pointer(),
                                workspace.bytes()),
                        "cudnnFindConvolutionForwardAlgorithmEx");
                return IntStream.range(0, count[0])
                        .mapToObj(i -> new Found(found[i].algo, found[i].status, found[i].determinism))
                        .toList();
            }
            case BACKWARD_DATA -> {
                cudnnConvolutionBwdDataAlgoPerf[] found = new cudnnConvolutionBwdDataAlgoPerf[MOST];
                gpu.checkCudnn(
                        cudnnFindConvolutionBackwardDataAlgorithmEx(
                                gpu.cudnn(),
                                shapes.w(),
                                o.read(1).pointer(),
                                shapes.y(),
                                o.read(0).pointer(),
                                shapes.convolution(),
                                shapes.x(),
                                o.written(0).pointer(),
                                MOST,
                                count,
                                found,
                                workspace.pointer(),
                                workspace.bytes()),
                        "cudnnFindConvolutionBackwardDataAlgorithmEx");
                return IntStream.range(0, count[0])
                        .mapToObj(i -> new Found(found[i].algo, found[i].status, found[i].determinism))
                        .toList();
            }
            default -> {
                cudnnConvolutionBwdFilterAlgoPerf[] found = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
                gpu.checkCudnn(
                        cudnnFindConvolutionBackwardFilterAlgorithmEx(
                                gpu.cudnn(),
                                shapes.x(),
                                o.read(0).pointer(),
                                shapes.y(),
                                o.read(1).pointer(),
                                shapes.convolution(),
                                shapes.w(),
                                o.written(0).pointer(),
                                MOST,
                                count,
                                found,
                                workspace.pointer(),
                                workspace.bytes()),
                        "cudnnFindConvolutionBackwardFilterAlgorithmEx");
                return IntStream.range(0, count[0])
                        .mapToObj(i -> new Found(found[i].algo, found[i].status, found[i].determinism))
                        .toList();
            }
        }
    }

    /** What an algorithm needs in the descriptor's arithmetic; empty where that is not supported. */
    private Optional<Long> workspaceBytes(int number) {
        long[] bytes = new long[1];
        int status = switch (pass) {
            case FORWARD ->
                cudnnGetConvolutionForwardWorkspaceSize(
                        gpu.cudnn(), shapes.x(), shapes.w(), shapes.convolution(), shapes.y(), number, bytes);
            case BACKWARD_DATA ->
                cudnnGetConvolutionBackwardDataWorkspaceSize(
                        gpu.cudnn(), shapes.w(), shapes.y(), shapes.convolution(), shapes.x(), number, bytes);
            default ->
                cudnnGetConvolutionBackwardFilterWorkspaceSize(
                        gpu.cudnn(), shapes.x(), shapes.y(), shapes.convolution(), shapes.w(), number, bytes);
        };
        return status == cudnnStatus.CUDNN_STATUS_SUCCESS ? Optional.of(bytes[0]) : Optional.empty();
    }

    private String name(int number) {
        return switch (pass) {
            case FORWARD -> cudnnConvolutionFwdAlgo.stringFor(number).replace("CUDNN_CONVOLUTION_FWD_ALGO_", "FWD_");
            case BACKWARD_DATA ->
                cudnnConvolutionBwdDataAlgo.stringFor(number).replace("CUDNN_CONVOLUTION_BWD_DATA_ALGO_", "BWD_DATA_");
            default ->
                cudnnConvolutionBwdFilterAlgo
                        .stringFor(number)
                        .replace("CUDNN_CONVOLUTION_BWD_FILTER_ALGO_", "BWD_FILTER_");
        };
    }

    /** Enqueues it and returns cuDNN's status. Results overwrite what was there. */
    int enqueue(Operands o, ConvolutionAlgorithm algorithm, DeviceMemory workspace) {
        return switch (pass) {
            case FORWARD ->
                cudnnConvolutionForward(
                        gpu.cudnn(),
                        gpu.one(),
                        shapes.x(),
                        o.read(0).pointer(),
                        shapes.w(),
                        o.read(1).pointer(),
                        shapes.convolution(),
                        algorithm.number(),
                        workspace.pointer(),
                        algorithm.workspaceBytes(),
                        gpu.zero(),
                        shapes.y(),
                        o.written(0).pointer());
            case BACKWARD_DATA ->
                cudnnConvolutionBackwardData(
                        gpu.cudnn(),
                        gpu.one(),
                        shapes.w(),
                        o.read(1).pointer(),
                        shapes.y(),
                        o.read(0).pointer(),
                        shapes.convolution(),
                        algorithm.number(),
                        workspace.pointer(),
                        algorithm.workspaceBytes(),
                        gpu.zero(),
                        shapes.x(),
                        o.written(0).pointer());
            default ->
                cudnnConvolutionBackwardFilter(
                        gpu.cudnn(),
                        gpu.one(),
                        shapes.x(),
                        o.read(0).pointer(),
                        shapes.y(),
                        o.read(1).pointer(),
                        shapes.convolution(),
                        algorithm.number(),
                        workspace.pointer(),
                        algorithm.workspaceBytes(),
                        gpu.zero(),
                        shapes.w(),
                        o.written(0).pointer());
        };
    }

    /** The launch of an algorithm; its workspace is asked for at each launch. */
    Launch launch(Operands operands, ConvolutionAlgorithm algorithm, Supplier<DeviceMemory> workspace) {
        String call = switch (pass) {
            case FORWARD -> "cudnnConvolutionForward";
            case BACKWARD_DATA -> "cudnnConvolutionBackwardData";
            default -> "cudnnConvolutionBackwardFilter";
        };
        return () -> gpu.checkCudnn(enqueue(operands, algorithm, workspace.get()), call);
    }
}
