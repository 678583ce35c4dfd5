package org.secateur.profilers.libtorch;

import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.DeviceProvider;

/** Registers the processor as device {@code cpu}. */
public final class LibTorchDeviceProvider implements DeviceProvider {
    /** For the service loader. */
    public LibTorchDeviceProvider() {}

    @Override
    public String prefix() {
        return LibTorchDevice.ID;
    }

    @Override
    public Device open(String id) {
        if (!id.equals(LibTorchDevice.ID)) {
            throw new IllegalArgumentException("device " + id + ": the processor is called " + LibTorchDevice.ID);
        }
        LibTorch library = LibTorch.load(); // before the device's class, which needs what this looks for
        return new LibTorchDevice(library);
    }
}
