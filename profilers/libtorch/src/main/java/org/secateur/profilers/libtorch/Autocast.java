package org.secateur.profilers.libtorch;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * libtorch's autocast on the calling thread while it is open: convolutions and linear layers compute in BF16, on copies of F32
 * weights that live until it is closed. Backward passes run outside it and take the types of the forward pass.
 */
public final class Autocast implements AutoCloseable {
    private static final Autocast OFF = new Autocast(null);

    /** Where it is on; null where it is off. */
    private final @Nullable DeviceType on;

    private Autocast(@Nullable DeviceType on) {
        this.on = on;
    }

    /** Switches autocast on where the format asks for it, and does nothing elsewhere. */
    public static Autocast of(TensorFormat format) {
        if (!format.isBrainFloat()) {
            return OFF;
        }
        DeviceType type = format.deviceType();
        torch.set_autocast_dtype(type, ScalarType.BFloat16);
        torch.set_autocast_enabled(type, true);
        return new Autocast(type);
    }

    @Override
    public void close() {
        if (on != null) {
            torch.set_autocast_enabled(on, false);
            torch.clear_cache();
        }
    }
}
