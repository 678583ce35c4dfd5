package org.secateur.models.cuda;

import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.CudaDeviceProvider;
import org.secateur.results.core.SecateurException;

/** What only a real GPU can tell of training; without the stand-in. */
@Tag("gpu")
class RealTrainingIT {
    private static CudaDevice device() {
        try {
            return (CudaDevice) new CudaDeviceProvider().open("cuda:0");
        } catch (SecateurException e) {
            return abort("skipped: " + e.getMessage());
        }
    }

    @Test
    void lossesAreThoseOfLibtorchBeforeAndAfterAPruning() {
        TwoEngines engines = new TwoEngines(32, 16);
        try (CudaDevice device = device()) {
            engines.networks().forEach(network -> engines.agree(device, network));
        }
    }
}
