package org.secateur.profilers.libtorch;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's autocast on the calling thread while it is open: convolutions and linear layers compute in BF16, on copies of F32
 * weights that live until it is closed. Backward passes run outside it and take the types of the forward pass.
 */
public final class Autocast implements AutoCloseable {
    private static final Autocast OFF = new Autocast(false);
    private static final Autocast ON = new Autocast(true);

    private final boolean on;

    private Autocast(boolean on) {
        this.on = on;
    }

    /** Switches autocast on where the format asks for it, and does nothing elsewhere. */
    public static Autocast of(TensorFormat format) {
        if (!format.isBrainFloat()) {
            return OFF;
        }
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, true);
        return ON;
    }

    @Override
    public void close() {
        if (on) {
            torch.set_autocast_enabled(DeviceType.CPU, false);
            torch.clear_cache();
        }
    }
}
