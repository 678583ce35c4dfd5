package org.secateur.models.cuda;

import java.util.LinkedHashMap;
import java.util.Map;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.profilers.cuda.CudaStep;

/** Moves a network's numbers between the host and the buffers of a training step. */
final class DeviceNumbers {
    private DeviceNumbers() {}

    /** Writes all of them to a step that was not run yet, whose momenta are zero. */
    static void upload(Network network, ModelState state, CudaStep step) {
        for (Tensor tensor : Parameters.of(network)) {
            String name = tensor.name();
            switch (tensor.kind()) {
                case TRAINED -> {
                    step.write(name, state.parameter(name).data());
                    HostTensor momentum = state.momentum().get(name);
                    if (momentum != null) {
                        step.write(name + Lowering.MOMENTUM, momentum.data());
                    }
                }
                case BUFFER -> step.write(name, state.buffer(name).data());
            }
        }
    }

    /** Reads all of them. */
    static ModelState download(Network network, CudaStep step) {
        Map<String, HostTensor> parameters = new LinkedHashMap<>();
        Map<String, HostTensor> momentum = new LinkedHashMap<>();
        Map<String, HostTensor> buffers = new LinkedHashMap<>();
        for (Tensor tensor : Parameters.of(network)) {
            String name = tensor.name();
            switch (tensor.kind()) {
                case TRAINED -> {
                    parameters.put(name, new HostTensor(tensor.dimensions(), step.read(name)));
                    momentum.put(name, new HostTensor(tensor.dimensions(), step.read(name + Lowering.MOMENTUM)));
                }
                case BUFFER -> buffers.put(name, new HostTensor(tensor.dimensions(), step.read(name)));
            }
        }
        return new ModelState(parameters, momentum, buffers);
    }
}
