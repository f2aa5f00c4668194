//! The calls about IoT devices. v2 only: v1 knows no devices.

use super::Client;
use crate::api::error::ApiError;
use crate::api::model::Id;
use crate::api::model::device::{DeviceEventReply, DeviceLink, LinkDevice};
use crate::api::transport::{Reply, Request};
use crate::app::state::Dialect;
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Below the base URL.
pub const DEVICES: &str = "/devices";
pub const DEVICE_EVENT: &str = "/deviceEvent";

impl Client {
    /// Links a device. Where the request names no customer it becomes the profile's, who is created if
    /// need be. Gives what was sent and what came back.
    pub async fn link_device(&self, mut link: LinkDevice) -> Result<(LinkDevice, DeviceLink), ApiError> {
        const WHAT: &str = "link the device";
        self.for_devices(WHAT)?;
        if !link.customer_id.is_absent() {
            let reply = self.link(WHAT, &link).await?;
            return Ok((link, reply));
        }
        let customer = self.customer().await?;
        link.customer_id = Id::from(customer).into();
        match self.link(WHAT, &link).await {
            // One that was kept and that the server has lost is made anew, once.
            Err(ApiError::Status { status: 404, .. }) if !self.customers.is_given() => {
                self.customers.forget(customer).await;
                link.customer_id = Id::from(self.customer().await?).into();
                let reply = self.link(WHAT, &link).await?;
                Ok((link, reply))
            }
            linked => linked.map(|reply| (link, reply)),
        }
    }

    async fn link(&self, what: &'static str, link: &LinkDevice) -> Result<DeviceLink, ApiError> {
        let request = Request::new(what, Method::POST, DEVICES).with(link)?;
        read(&self.call(&request).await?.success()?)
    }

    /// Takes a device from its customer, by the `deviceId` of the link's reply.
    pub async fn unlink_device(&self, device_id: &str) -> Result<(), ApiError> {
        const WHAT: &str = "unlink the device";
        self.for_devices(WHAT)?;
        let request = Request::new(WHAT, Method::DELETE, device_path(device_id)?);
        self.call(&request).await?.success().map(|_| ())
    }

    /// Says what a device says.
    pub async fn device_event(&self, message: &Value) -> Result<DeviceEventReply, ApiError> {
        const WHAT: &str = "send the device's message";
        self.for_devices(WHAT)?;
        let request = Request::new(WHAT, Method::POST, DEVICE_EVENT).with(message)?;
        read(&self.call(&request).await?.success()?)
    }

    fn for_devices(&self, what: &'static str) -> Result<(), ApiError> {
        if self.connection.dialect == Dialect::V1 {
            return Err(ApiError::Unsupported { what, why: "v1 has no devices" });
        }
        self.refuse_if_read_only(what)
    }
}

/// `/devices/{deviceId}`, whatever characters the id has.
pub fn device_path(device_id: &str) -> Result<String, ApiError> {
    let refused = || ApiError::Settings("the device id cannot stand in a URL".to_owned());
    let mut url = Url::parse("http://host").map_err(|_| refused())?;
    url.path_segments_mut().map_err(|()| refused())?.push(device_id);
    // "." and ".." would be another path.
    if url.path().len() < 2 { Err(refused()) } else { Ok(format!("{DEVICES}{}", url.path())) }
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, ApiError> {
    serde_json::from_slice(&reply.body).map_err(|_| reply.unreadable("it is not the JSON that was expected"))
}

#[cfg(test)]
mod tests {
    use super::device_path;

    #[test]
    fn any_id_is_one_part_of_the_path() {
        assert_eq!(device_path("A1B2C3D4").unwrap(), "/devices/A1B2C3D4");
        assert_eq!(device_path("a/b?c d").unwrap(), "/devices/a%2Fb%3Fc%20d");
        for id in ["", ".", ".."] {
            assert!(device_path(id).is_err(), "{id:?}");
        }
    }
}
