package org.secateur.models.core.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of a network on the host, by PyTorch's names ({@code layer1.0.conv1.weight}): trained parameters with
 * their momentum, and buffers that are not trained (batch-norm statistics, shifts). Surgery works on it, checkpoints
 * hold it.
 *
 * @param parameters trained tensors
 * @param momentum the optimizer's velocity of each parameter; a parameter without one has not been stepped yet
 * @param buffers {@code running_mean}, {@code running_var} and {@code shift} tensors
 */
public record ModelState(
        Map<String, HostTensor> parameters, Map<String, HostTensor> momentum, Map<String, HostTensor> buffers) {
    public ModelState {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        momentum = Collections.unmodifiableMap(new LinkedHashMap<>(momentum));
        buffers = Collections.unmodifiableMap(new LinkedHashMap<>(buffers));
    }

    /** The parameter of that name. */
    public HostTensor parameter(String name) {
        return require(parameters, name);
    }

    /** The buffer of that name. */
    public HostTensor buffer(String name) {
        return require(buffers, name);
    }

    private static HostTensor require(Map<String, HostTensor> tensors, String name) {
        HostTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor " + name + ": expected one of " + tensors.keySet());
        }
        return tensor;
    }
}
